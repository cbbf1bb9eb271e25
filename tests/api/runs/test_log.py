"""A run's log over HTTP: the tail, lines after a line, a search, the first error, the whole file."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from store.db.database import Database
from tests.api import progress

Post = Callable[..., dict[str, Any]]


@pytest.fixture
def path(post: Post, database: Database) -> str:
    """The log of a run with 300 lines in three chunks; line 151 is an error."""
    path = f"/api/v1/runs/{post()['id']}/log"
    claim = progress.claim(database)
    for number in range(1, 4):
        lines = [f"Line {number}.{line}\n" for line in range(100)]
        if number == 2:
            lines[50] = "2026-01-31 12:00:00,000 ERROR trainer: no\n"
        progress.log(database, claim, number, "".join(lines))
    return path


def texts(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [line["text"] for line in answer.json()["lines"]]


def test_the_tail_has_line_numbers_and_names_the_first_error(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"tail": 2})
    assert texts(answer) == ["Line 3.98", "Line 3.99"]
    body = answer.json()
    assert (body["last"], body["first_error"], body["gap"]) == (300, 151, None)
    assert (body["lines"][1]["number"], body["lines"][1]["attempt"]) == (300, 1)


def test_lines_can_be_read_after_any_number(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"after": 149, "tail": 3})
    assert [(line["number"], line["level"]) for line in answer.json()["lines"]] == [
        (150, "info"), (151, "error"), (152, "error")
    ]  # fmt: skip
    assert texts(client.get(path, params={"after": 300})) == []


def test_a_search_finds_a_substring_in_any_case_and_continues(client: httpx.Client, path: str) -> None:
    assert texts(client.get(path, params={"search": "LINE 3.5", "tail": 3})) == ["Line 3.5", "Line 3.50", "Line 3.51"]
    assert texts(client.get(path, params={"search": "line 3.5", "after": 252, "tail": 1})) == ["Line 3.52"]
    assert texts(client.get(path, params={"search": "%"})) == []
    assert texts(client.get(path, params={"search": ".*"})) == []


def test_the_whole_log_is_a_text_file(client: httpx.Client, path: str) -> None:
    whole = client.get(path, params={"whole": "true"})
    assert whole.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert whole.headers["Content-Disposition"].endswith('.log"')
    assert whole.text.splitlines()[-1] == "Line 3.99"
    assert len(whole.text.splitlines()) == 300


def test_an_impossible_line_number_is_a_422(client: httpx.Client, path: str) -> None:
    for after in ("-1", "x", str(2**31)):
        assert client.get(path, params={"after": after}).status_code == 422
