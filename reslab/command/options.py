"""The options that describe an experiment, and the specification that they add up to."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, TypedDict, Unpack

import typer

Depth = Annotated[int | None, typer.Option(help="Layers: 6n+2 for the CIFAR family, as 20, 32, 44, 56 or 110.")]
Shortcut = Annotated[str | None, typer.Option(help="none (a plain network), A, B or C.")]
Dataset = Annotated[str | None, typer.Option(help="A data set that `reslab datasets` lists.")]
Iterations = Annotated[int | None, typer.Option(help="How many iterations to train.")]
Drops = Annotated[str | None, typer.Option(help="Iterations at which the learning rate drops, as 32000,48000.")]
Seed = Annotated[int | None, typer.Option(help="The seed of the initial weights and of the order of the images.")]
Fields = Annotated[list[str] | None, typer.Option("--set", help="Any other field, as lr=0.05. Repeatable.")]
File = Annotated[Path | None, typer.Option("--spec", help="A JSON file to start from; - reads standard input.")]


class SpecOptions(TypedDict, total=False):
    """The options of a command line that say what to train."""

    depth: int | None
    shortcut: str | None
    dataset: str | None
    iterations: int | None
    seed: int | None
    drops: str | None
    fields: list[str] | None
    file: Path | None


def spec(**options: Unpack[SpecOptions]) -> dict[str, Any]:  # Any: JSON, which the API checks
    """A specification: the file's fields, then the options, then --set. Fields left out have the paper's value.

    Raises ValueError with a message for the terminal, and OSError.
    """
    file, drops, assignments = options.pop("file", None), options.pop("drops", None), options.pop("fields", None)
    fields = {**_of_file(file), **{name: value for name, value in options.items() if value is not None}}
    if drops is not None:
        fields["schedule"] = {"kind": "steps", "at": _iterations(drops)}
    for assignment in assignments or []:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ValueError(f"--set takes FIELD=VALUE, as lr=0.05, and not {assignment}.")
        fields[name] = _json_or_text(value)
    return fields


def _of_file(file: Path | None) -> dict[str, Any]:  # Any: as above
    if file is None:
        return {}
    try:
        content = json.loads(sys.stdin.read() if file == Path("-") else file.read_text())
    except ValueError as error:
        raise ValueError(f"--spec {file} is not valid JSON: {error}.") from error
    if isinstance(content, dict):
        return content
    raise ValueError(f"--spec {file} must hold a JSON object with the fields of a specification.")


def _iterations(drops: str) -> list[int]:
    try:
        return [int(at) for at in drops.split(",") if at]
    except ValueError:
        raise ValueError(f"--drops takes iterations separated by commas, as 32000,48000, and not {drops}.") from None


def _json_or_text(value: str) -> Any:  # Any: parsed JSON
    try:
        return json.loads(value)
    except ValueError:
        return value
