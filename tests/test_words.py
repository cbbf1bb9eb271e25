"""Words that shall not come back: phrases that readers stumbled over, and past participles as names.

Add a phrase when a reader stumbles over it; remove one when it turns out to be good English somewhere.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Written by others (the paper), generated, or not edited after it was made.
NOT_OURS = (
    "paper/data/",
    "docs/decisions/",
    "alembic/versions/",
    "tests/store/db/test_schema.py",
    "tests/test_words.py",
)
KINDS = (".py", ".ts", ".tsx", ".md", ".yml", ".toml", "Makefile")
# The phrase, and what to write instead.
PHRASES = {
    r"\bis no (good|valid|more|longer a)\b": "isn't a …, no longer exists",
    r"\bare no (others|more)\b": "aren't …",
    r"\bwhoever\b": "the noun",
    r"\banew\b": "again",
    r"\bof (before|now)\b": "earlier, current",
    r"\bthe like\b": "the others by name",
    r"\bgiven back\b": "returned",
    r"\btake along\b": "download",
    r"\bfor ever\b": "permanently",
    r"\bheld against\b": "compared with",
    r"\bso many\b": "the number",
    r"\bdeviations? from the (paper|protocol)": "departure",
    r"\bof what has\b": "the noun",
    r"\bonly what differs\b": "differing fields only",
    r"\b(deeper|other) net's training error is [-−]": "is … points lower",
}
NAMES = frozenset({"found", "asked", "told", "wanted"})
STRINGS = r"\"(?:\\.|[^\"\n])*\"|'(?:\\.|[^'\n])*'|`(?:\\.|[^`])*`"
NOT_CODE = re.compile(rf"//[^\n]*|/\*.*?\*/|{STRINGS}|>[^<>{{}}=;]*<", re.DOTALL)  # of TypeScript; the last is JSX text


@cache
def our_files() -> tuple[Path, ...]:
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()
    ours = (name for name in listed if name.endswith(KINDS) and not name.startswith(NOT_OURS) and ".gen." not in name)
    return tuple(path for path in map(ROOT.joinpath, ours) if path.exists())


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_that_readers_stumbled_over_stays_away(phrase: str) -> None:
    pattern = re.compile(phrase, re.IGNORECASE)
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in our_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert lines == [], f"write instead: {PHRASES[phrase]}"


def test_no_past_participle_is_a_name() -> None:
    names = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in our_files()
        for name in identifiers(path)
        if NAMES & set(re.split(r"_|(?<=[a-z])(?=[A-Z])", name.strip("_"))) and not name.startswith("test_")
    ]
    assert names == []


def identifiers(path: Path) -> Iterator[str]:
    """Every name that a Python file uses or defines, and every word of TypeScript's code."""
    if path.suffix in (".ts", ".tsx"):
        yield from re.findall(r"[A-Za-z_]\w*", NOT_CODE.sub(" ", path.read_text()))
    elif path.suffix == ".py":
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                    yield name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.alias(name=name, asname=asname):
                    yield asname or name
