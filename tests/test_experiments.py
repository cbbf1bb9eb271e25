"""Each section of docs/experiments.md says where its numbers come from: command, commit, n and machine."""

import re
from pathlib import Path

PAGE = (Path(__file__).parent.parent / "docs" / "experiments.md").read_text()
SOURCES = "Where each number comes from"


def rows() -> list[list[str]]:
    """The cells of the table of sources, without its head."""
    section = PAGE.partition(f"## {SOURCES}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_section_has_its_command_commit_n_and_machine() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert [heading for heading in headings if heading not in {SOURCES, *(row[0] for row in rows())}] == []
    assert all(len(row) == 5 and all(row) for row in rows())


def test_a_commit_is_named_or_said_not_to_be_recorded() -> None:
    commit = re.compile(r"\b[0-9a-f]{7,40}\b|not recorded|in the section")
    assert [row[0] for row in rows() if not commit.search(row[2])] == []
