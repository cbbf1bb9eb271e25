"""Every `reslab …` of the README and of docs/ is a command line that reslab understands."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reslab.command import app

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "decisions"))


def lines_of(page: Path) -> list[str]:
    """Every `reslab …` in a block or in backquotes that is a whole command."""
    text = page.read_text().replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    inline = re.findall(r"`((?:\.venv/bin/)?reslab [^`|]+)`", text)
    commands = [line for line in re.split(r"\n| && ", blocks) if re.match(r"(\.venv/bin/)?reslab ", line)] + inline
    return [command for command in commands if not re.search(r"…|\||[A-Z]{3,}(?!-)", command)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_is_one_that_reslab_understands(page: Path) -> None:
    """Subcommands and options only: with --help at its end, a command is parsed and not run."""
    refused = {}
    for line in lines_of(page):
        ended = CliRunner().invoke(app, [*shlex.split(line, comments=True)[1:], "--help"])
        if ended.exit_code:
            refused[line] = ended.output
    assert refused == {}


def test_the_two_commands_exist() -> None:
    planned = subprocess.run(["make", "-n", "run", "test"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stderr
