"""`reslab export-hf`: a run's weights as a folder for Hugging Face."""

import json
from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, RunArgument, connected

app = typer.Typer()


@app.command("export-hf")
def export_hf(
    run: RunArgument,
    folder: Annotated[Path, typer.Option("--output", "-o", help="The folder to write: new, or empty.")],
    at: Annotated[str, typer.Option(help="Which weights: last, best or an iteration.")] = "last",
    licence: Annotated[str | None, typer.Option("--license", help="The weights' license, for the model card.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """Write a run's weights as a Hugging Face folder: safetensors, config, model card, and a file that loads them.

    For example: reslab export-hf last --output resnet-20, then huggingface-cli upload NAME/resnet-20 resnet-20
    """
    from reslab.sharing import folder as sharing

    with connected(home) as client:
        sharing.write(client, client.find(run), folder, at, licence)
        files = [str(path) for path in sorted(folder.iterdir())]
        print(json.dumps({"folder": str(folder), "files": files}, indent=2) if as_json else "\n".join(files))
