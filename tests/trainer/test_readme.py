"""The README in this folder names only existing tests, and every fact from 1 to 24."""

import re
from pathlib import Path

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text()


def test_every_test_that_the_readme_names_exists() -> None:
    tests = re.findall(r"`([\w/.]+\.py)::(test_\w+)`", README)
    missing = [f"{file}::{name}" for file, name in tests if f"def {name}(" not in (HERE / file).read_text()]
    assert len(tests) > 50
    assert missing == []


def test_the_readme_names_every_fact() -> None:
    rows = re.findall(r"^\| (\d+)(?:–(\d+))? \|", README, re.MULTILINE)
    assert [n for first, last in rows for n in range(int(first), int(last or first) + 1)] == list(range(1, 25))
