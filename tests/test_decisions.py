"""The pages of docs/decisions: numbered without a gap, listed in their README, each with its alternatives."""

import re
from pathlib import Path

DECISIONS = Path(__file__).parent.parent / "docs" / "decisions"
PAGES = sorted(DECISIONS.glob("[0-9]*.md"))
ALTERNATIVES = re.compile(r"^## Alternatives|\*\*Why (no|not|both)\b", re.MULTILINE)


def test_the_numbers_have_no_gap() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


def test_the_readme_lists_each_page_by_its_number() -> None:
    rows = re.findall(r"^\| (\d+) \| \[.+\]\((\S+\.md)\) \|", (DECISIONS / "README.md").read_text(), re.MULTILINE)
    assert rows == [(str(int(page.name[:4])), page.name) for page in PAGES]


def test_each_page_names_the_alternatives() -> None:
    assert [page.name for page in PAGES if not ALTERNATIVES.search(page.read_text())] == []
