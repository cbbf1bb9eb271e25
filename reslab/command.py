"""The `reslab` command: what a user types."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

HomeOption = Annotated[Path, typer.Option("--home", envvar="RESLAB_HOME", help="The folder of the local service.")]


@app.callback()
def _reslab() -> None:
    """A training service for one paper: Deep Residual Learning for Image Recognition (He et al. 2015)."""


@app.command()
def up(
    home: HomeOption = Path(".reslab"),
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: the last one, or 8000.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="One a device.")] = 1,
) -> None:
    """Start the whole service on this machine and print its URL; Ctrl-C stops it.

    RESLAB_DATABASE_URL, RESLAB_BROKER_URL and RESLAB_STORAGE_URL, where set, replace the parts that would serve them.
    """
    from reslab.stack.child import ChildError
    from reslab.stack.home import HomeTakenError
    from reslab.stack.local import Wish, up

    try:
        up(Wish(home, port, workers), say=lambda text: print(text, flush=True))
    except (ChildError, HomeTakenError, OSError, RuntimeError) as error:
        typer.echo(f"reslab: {error}", err=True)
        raise typer.Exit(1) from error


def main() -> None:
    os.umask(0o077)  # logs, data and weights are the user's own until they are downloaded
    app()
