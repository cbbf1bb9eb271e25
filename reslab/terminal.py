"""What every command shares: the options of a home and a run, a client, answers and failures on the screen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:  # httpx costs a tenth of a second and 15 MB, and `up` needs none of it
    from reslab.client import Client

HomeOption = Annotated[Path, typer.Option("--home", envvar="RESLAB_HOME", help="The folder of the local service.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="An id, its beginning, or `last`.")]
JsonOption = Annotated[bool, typer.Option("--json", help="What the API answered, for scripts.")]
HOME = Path(".reslab")


@contextmanager
def connected(home: Path) -> Iterator["Client"]:
    """The service's client; what goes wrong ends the command in words."""
    import httpx

    from reslab.client import ApiError, Client, NotUpError

    try:
        with Client.of(home) as client:
            yield client
    except httpx.TransportError as error:
        fail(f"the service does not answer: {error}")
    except (ApiError, NotUpError, OSError, ValueError) as error:
        fail(str(error))


def show(answer: object, as_json: bool, text: str) -> None:
    """The text, or with --json the answer itself."""
    print(json.dumps(answer, indent=2) if as_json else text)


def fail(message: str) -> NoReturn:
    """Ends the command with exit code 1."""
    typer.echo(f"reslab: {message}", err=True)
    raise typer.Exit(1)
