"""`reslab export-hf`: a run's weights as a folder for Hugging Face."""

from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, RunArgument, connected

app = typer.Typer()


@app.command("export-hf")
def export_hf(
    run: RunArgument,
    folder: Annotated[Path, typer.Option("--output", "-o", help="The folder to write: new, or empty.")],
    at: Annotated[str, typer.Option(help="Which weights: last, best or an iteration.")] = "last",
    licence: Annotated[str | None, typer.Option("--license", help="The weights' license, for the model card.")] = None,
    home: HomeOption = HOME,
) -> None:
    """Write a run's weights as a Hugging Face folder: safetensors, config, model card, and a file that loads them.

    For example: reslab export-hf last --output resnet-20, then huggingface-cli upload NAME/resnet-20 resnet-20
    """
    from reslab.sharing import folder as sharing

    with connected(home) as client:
        sharing.write(client, client.find(run), folder, at, licence)
        print("\n".join(str(path) for path in sorted(folder.iterdir())))
