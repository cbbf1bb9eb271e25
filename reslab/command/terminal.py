"""What all subcommands share: options, a connected client, and how answers and errors are printed."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:  # httpx and the types take a third of a second to import, and `up` needs neither
    from reslab.client import Client
    from reslab.client.answer import Answer

HomeOption = Annotated[Path, typer.Option("--home", envvar="RESLAB_HOME", help="The local service's folder.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning; `last` is the newest.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON, for scripts.")]
HOME = Path(".reslab")


@contextmanager
def connected(home: Path) -> Iterator["Client"]:
    """A client of the service. An error ends the command with a message."""
    import httpx

    from reslab.client import ApiError, Client, NotUpError, UnexpectedAnswerError

    try:
        with Client.of(home) as client:
            try:
                yield client
            except httpx.TransportError as error:
                fail(f"The service at {client.url} does not answer: {error}. Check that it is running.")
    except (ApiError, NotUpError, UnexpectedAnswerError, ValueError) as error:
        fail(str(error))
    except BrokenPipeError:  # the reader of our output has left, such as `head`
        raise typer.Exit(0) from None
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}." if error.filename else str(error))


def show(answer: "Answer | Sequence[Answer]", as_json: bool, text: str) -> None:
    """Print the text, or with --json what the API answered."""
    if not as_json:
        print(text)
    elif isinstance(answer, Sequence):
        print(json.dumps([_json(item) for item in answer], indent=2))
    else:
        print(json.dumps(_json(answer), indent=2))


def show_line(answer: "Answer", as_json: bool, text: str) -> None:
    """Print one of many answers as soon as it is there: the text, or JSON on one line."""
    print(json.dumps(_json(answer)) if as_json else text, flush=True)


def fail(message: str) -> NoReturn:
    """End the command with exit code 1."""
    typer.echo(f"reslab: {message}", err=True)
    raise typer.Exit(1)


def _json(answer: "Answer") -> object:
    """The fields that the API sent, also those that this client doesn't know, under the API's names."""
    return answer.model_dump(mode="json", by_alias=True, exclude_unset=True)
