"""`reslab datasets`: lists the data sets, and registers your own."""

from pathlib import Path
from typing import Annotated

import typer

from reslab.command.terminal import HOME, HomeOption, JsonOption, connected, fail, show

app = typer.Typer()


@app.command()
def datasets(
    add: Annotated[
        Path | None, typer.Option(help="Your own zip or tar archive, with train/CLASS/… and test/CLASS/….")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The new data set's name.")] = None,
    as_json: JsonOption = False,
    home: HomeOption = HOME,
) -> None:
    """List the data sets, or register your own.

    For example: reslab datasets --add pets.zip --name pets
    """
    from reslab.screen import datasets as screen

    if (add is None) != (name is None):
        fail("--add and --name must be used together.")
    with connected(home) as client:
        rows = [client.register(name, add)] if add and name else client.datasets()
        show(rows, as_json, screen.datasets(rows))
