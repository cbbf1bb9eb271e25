"""The command in scripts: JSON from every subcommand, each error once, quiet pipes, conditions with spaces."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from reslab.client import Client
from reslab.command import app
from tests.reslab.conftest import COMMAND, Stack, Type

# They start something instead of answering.
WITHOUT_JSON = {"up", "open", "slurm"}
TINY = ("--depth", "8", "--shortcut", "A", "--dataset", "synthetic", "--iterations", "2", "--set", "batch_size=8")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:  # Any: Typer's own copy of Click
    if not hasattr(command, "commands"):
        yield " ".join(path), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def test_every_subcommand_answers_as_json_if_you_ask() -> None:
    every = dict(commands(typer.main.get_command(app)))
    without = {path for path, command in every.items() if not any("--json" in option.opts for option in command.params)}
    assert without == WITHOUT_JSON


def test_a_watched_submission_is_json_from_its_first_line_to_its_last(typed: Type) -> None:
    lines = typed("submit", *TINY, "--watch", "--json").stdout.splitlines()
    run, *events = map(json.loads, lines)
    assert run["name"] == "ResNet-8 A"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_study_s_files_and_table_are_told_as_json(typed: Type, tmp_path: Path) -> None:
    new = ("study", "new", "figure-1", "--network", "plain-20", "--scale", "0.00003", "--dataset", "synthetic")
    ended = json.loads(typed(*new, "--register", "--watch", "--json").stdout.splitlines()[-1])
    assert ended["status"] == "ended"
    certificate = json.loads(typed("study", "certificate", "last", "--json").stdout)
    assert certificate["study"] == ended["id"]
    assert json.loads(typed("study", "table", "last", "--json").stdout) == ended["cells"]
    assert json.loads(typed("study", "registration", "last", "--json").stdout)["registration"]["study"] == ended["id"]
    verified = json.loads(CliRunner().invoke(app, ["verify", certificate["file"], "--json"]).stdout)
    assert (verified["holds"], verified["signer"]) == (True, None)
    assert verified["report"][0].startswith(f"signed by {verified['fingerprint']}")
    audited = json.loads(CliRunner().invoke(app, ["audit", certificate["file"], "--json"]).stdout)
    assert [(row["label"], row["from"]) for row in audited] == [("plain-20", [0])]
    assert (tmp_path / certificate["file"]).is_file()


WRONG = {
    "a field": (("submit", "--depth", "21", "--shortcut", "A", "--dataset", "digits"), "depth must be 6n+2"),
    "a data set": (("plan", "--depth", "20", "--shortcut", "A", "--dataset", "no"), "no"),
    "a run": (("show", "ffff"), "No runs have an id that begins with ffff."),
    "a recipe": (("study", "new", "table-60"), "table-60"),
    "a condition": (("list", "--where", "test_eror < 7"), "test_eror"),
    "a file": (("verify", "nothing.zip"), "There is no file nothing.zip."),
    "a key": (("trust", "add", "12", "--name", "x"), "12 is not a key."),
}


@pytest.mark.parametrize(("words", "sentence"), WRONG.values(), ids=WRONG)
def test_an_error_is_said_once(words: tuple[str, ...], sentence: str, typed: Type) -> None:
    refused = typed(*words)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("reslab: ")
    assert sentence in refused.stderr
    lines = [line.removeprefix("reslab: ").strip() for line in refused.stderr.splitlines()]
    assert len(set(lines)) == len(lines)
    assert not [(one, other) for one in lines for other in lines if one is not other and one in other]


def test_a_condition_may_have_spaces_and_the_list_shows_the_seed(typed: Type, stack: Stack) -> None:
    with Client.of(stack.home) as client:
        run = client.submit({"depth": 8, "shortcut": "C", "dataset": "synthetic", "seed": 4711}, queue="gpu")
        table = typed("list", "--where", "seed > 4710", "--where", "shortcut = C").stdout.splitlines()
        assert table[0].split()[:5] == ["ID", "NAME", "DATA", "SET", "SEED"]
        assert [line.split()[4] for line in table[1:]] == ["4711"]
        assert len(typed("list", "--where", "best_test_error < 0").stdout.splitlines()) == 1
        client.cancel(run.id)


def test_a_list_into_head_is_quiet(stack: Stack) -> None:
    """`head` has left before the command prints: here the pipe's end is closed at once."""
    listing = [*COMMAND, "list", "--home", str(stack.home)]
    process = subprocess.Popen(listing, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()  # type: ignore[union-attr] # it is a pipe
    assert process.communicate(timeout=200)[1] == b""
