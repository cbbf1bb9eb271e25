"""The options that describe an experiment, for `submit` and `plan` alike, and the spec that they make."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Depth = Annotated[int | None, typer.Option(help="6n+2: 20, 32, 44, 56, 110 …")]
Shortcut = Annotated[str | None, typer.Option(help="none (a plain net), A, B or C.")]
Dataset = Annotated[str | None, typer.Option(help="A name that `reslab datasets` lists.")]
Iterations = Annotated[int | None, typer.Option()]
Drops = Annotated[str | None, typer.Option(help="Iterations after which the rate drops: 32000,48000.")]
Seed = Annotated[int | None, typer.Option()]
More = Annotated[list[str] | None, typer.Option("--set", help="Any other field, as lr=0.05; repeatable.")]
File = Annotated[Path | None, typer.Option("--spec", help="A JSON file to start from; - reads stdin.")]


def spec(given: dict[str, Any]) -> dict[str, Any]:  # Any: JSON, which the API checks
    """A spec's JSON from the options: the file first, then the options. What is left out has the paper's value.

    Raises ValueError, in words, and OSError.
    """
    file, drops, more = given.pop("file"), given.pop("drops"), given.pop("more")
    made = {**_of_file(file), **{name: value for name, value in given.items() if value is not None}}
    if drops is not None:
        made["schedule"] = {"kind": "steps", "at": _iterations(drops)}
    for assignment in more or []:
        name, is_one, value = assignment.partition("=")
        if not is_one:
            raise ValueError(f"--set takes FIELD=VALUE, as lr=0.05; got {assignment}")
        made[name] = _json_or_text(value)
    return made


def _of_file(file: Path | None) -> dict[str, Any]:  # Any: as above
    if file is None:
        return {}
    try:
        made = json.loads(sys.stdin.read() if file == Path("-") else file.read_text())
    except ValueError as error:
        raise ValueError(f"--spec {file} is no JSON: {error}") from error
    if isinstance(made, dict):
        return made
    raise ValueError(f"--spec {file} must hold a JSON object with the specification's fields")


def _iterations(drops: str) -> list[int]:
    try:
        return [int(at) for at in drops.split(",") if at]
    except ValueError:
        raise ValueError(f"--drops takes iterations with commas between, as 32000,48000; got {drops}") from None


def _json_or_text(value: str) -> Any:  # Any: parsed JSON
    try:
        return json.loads(value)
    except ValueError:
        return value
