"""The `reslab` command: its subcommands, each of which is one call of the client and one text for the screen."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from reslab.command import (
    audit,
    backup,
    datasets,
    doctor,
    examine,
    export,
    imports,
    keys,
    moves,
    pool,
    queue,
    retention,
    runs,
    slurm,
    starts,
    studies,
    trust,
    up,
    verify,
)

OURS = ("api", "paper", "reslab", "store", "studies", "trainer", "worker")
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(up.app)
app.add_typer(doctor.app)
app.add_typer(backup.app)
app.add_typer(runs.app)
app.add_typer(moves.app)
app.add_typer(examine.app)
app.add_typer(export.app)
app.add_typer(datasets.app)
app.add_typer(starts.app)
app.add_typer(imports.app)
app.add_typer(queue.app)
app.add_typer(slurm.app)
app.add_typer(studies.app, name="study")
app.add_typer(verify.app)
app.add_typer(pool.app)
app.add_typer(audit.app)
app.add_typer(trust.app, name="trust")
app.add_typer(keys.app, name="keys")
app.add_typer(retention.app, name="retention")


def _print_version(is_requested: bool) -> None:
    if is_requested:
        print(version("reslab"))
        raise typer.Exit


@app.callback()
def _reslab(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print Reslab's version.")
    ] = False,
) -> None:
    """A training service for one paper: Deep Residual Learning for Image Recognition (He et al. 2015)."""


def main() -> None:
    os.umask(0o077)  # logs, data and weights are the user's own until they are downloaded
    try:
        app()
    except ModuleNotFoundError as error:
        sys.exit(_advice(error))
    finally:
        _flush()


def _advice(error: ModuleNotFoundError) -> str:
    """The command is small without its extras. Raises what is a defect of ours."""
    if str(error.name).partition(".")[0] in OURS:
        raise error
    return f"This command needs {error.name}, which isn't installed. Install it with: pip install 'reslab[all]'"


def _flush() -> None:
    """Print what is left. A reader that has left, such as `head`, is not an error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more as it ends
