"""`make test` says which tests it leaves to longer commands, and `make help` lists those commands."""

import re
from pathlib import Path

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text()
LISTED = set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE))


def test_each_longer_command_is_listed() -> None:
    (left,) = re.findall(r"Left to longer commands: make (.*?);", MAKEFILE, re.DOTALL)
    verbs = re.findall(r"\b([a-z]+)\b", re.sub(r"\(.*?\)", "", left))
    assert verbs == ["faults", "chaos", "mutants", "machine"]
    assert set(verbs) <= LISTED
