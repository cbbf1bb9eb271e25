"""`make test` says which tests it leaves to longer commands, and `make help` lists those commands."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
LISTED = set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE))


def recipe(verb: str) -> str:
    """The lines that make runs for the verb."""
    (lines,) = re.findall(rf"^{verb}: .*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    return str(lines)


def test_each_longer_command_is_listed() -> None:
    (left,) = re.findall(r"Left to longer commands: make (.*?);", recipe("test"), re.DOTALL)
    verbs = re.findall(r"(?:^|\s|')([a-z-]+)(?=,| \(|$)", re.sub(r"\(.*?\)", "()", left))
    assert verbs == ["test-long", "faults", "chaos", "mutants", "machine"]
    assert set(verbs) <= LISTED


def test_the_long_tests_have_a_command_and_ci_runs_them_too() -> None:
    last = {verb: recipe(verb).splitlines()[-1] for verb in ("test", "test-long", "test-all", "ci")}
    assert last["test"] == "\t$(PYTEST) -m 'not long' $(ARGS)"
    assert last["test-long"] == "\t$(PYTEST) -m long $(ARGS)"
    assert last["test-all"] == "\t$(PYTEST) $(ARGS)"
    assert last["ci"].endswith(" test-all")
    assert "make ci" in (ROOT / ".ci" / "run").read_text()
