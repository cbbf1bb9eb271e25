"""`reslab start-weights`: lists what a detector can start from, and uploads a file."""

from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, show

app = typer.Typer()


@app.command("start-weights")
def start_weights(
    network: Annotated[str, typer.Argument(help="The detector's network: vgg16, or resnet18 to resnet152.")],
    add: Annotated[
        Path | None, typer.Option(help="A classifier's weights (safetensors): torchvision's state dict, or by Reslab.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="With --add: what to call them (the file's name).")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """List the weights that a detector can start from, or upload some.

    For example: reslab start-weights vgg16 --add vgg16.safetensors
    """
    from reslab.screen import starts as screen

    with connected(home) as client:
        rows = [client.starts.upload(network, add, name)] if add else client.starts.list(network)
        show(rows, as_json, screen.starts(rows))
