"""A log's lines: numbered over all attempts, each with its level, bounded, searched, and read from any line."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import logs
from store.db.database import Database
from store.db.models import Run, Worker
from store.logs import letters
from store.runs import attempts
from store.runs.attempts import Claim
from tests.store.conftest import claim

Submit = Callable[..., Run]

SAID = """2026-01-31 12:00:00,123 INFO trainer.loop: iteration 1
plain words
/lib/x.py:7: UserWarning: take care
2026-01-31 12:00:01,000 ERROR trainer: it broke
Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: x
2026-01-31 12:00:02,000 INFO worker: given back
"""


@pytest.fixture
def held(database: Database, submit: Submit, worker: Worker) -> Claim:
    submit()
    return claim(database, worker)


def write(database: Database, held: Claim, number: int, text: str, limit_bytes: int = 1 << 20) -> None:
    with database.transaction() as session:
        attempts.append_log(session, held.run.id, held.attempt, number, text, limit_bytes=limit_bytes)


def numbers(found: list[logs.LogLine]) -> list[int]:
    return [line.number for line in found]


def test_a_line_without_a_level_has_the_level_of_the_line_before() -> None:
    assert letters(SAID.splitlines()) == "iiweeeei"
    assert letters(["  File x", "ValueError"], before="e") == "ee"


def test_levels_continue_from_chunk_to_chunk_and_the_first_error_is_recorded(database: Database, held: Claim) -> None:
    first, second = SAID[: SAID.index("  File")], SAID[SAID.index("  File") :]
    write(database, held, 1, first)
    write(database, held, 2, second)
    with database.transaction() as session:
        found = logs.tail(session, held.run.id, 100)
        about = logs.about(session, held.run.id)
    assert [line.level for line in found] == ["info"] * 2 + ["warning"] + ["error"] * 4 + ["info"]
    assert (about.lines, about.first_error) == (8, 4)


def test_a_repeated_chunk_counts_once(database: Database, held: Claim) -> None:
    for _ in range(2):
        write(database, held, 1, "one\ntwo\n")
    with database.transaction() as session:
        assert (logs.about(session, held.run.id).lines, list(logs.lines(session, held.run.id))) == (2, ["one", "two"])


def test_numbers_continue_over_attempts(database: Database, held: Claim, worker: Worker) -> None:
    write(database, held, 1, "one\ntwo\n")
    with database.transaction() as session:
        attempts.return_to_queue(session, held.run.id, held.attempt, "x")
    again = claim(database, worker)
    write(database, again, 1, "three\n")
    with database.transaction() as session:
        found = logs.read(session, held.run.id, 1, 10)
    assert [(line.number, line.attempt, line.text) for line in found] == [(2, 1, "two"), (3, 2, "three")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["", "a", "b\u2028c", "\x0c", "TRaß"]), min_size=1, max_size=4), max_size=6),
    st.integers(0, 12),
    st.integers(1, 9),
)
def test_reading_from_any_line_agrees_with_the_whole_log(
    database_of_logs: "Callable[[list[str]], tuple[Database, UUID]]", chunks: list[list[str]], after: int, most: int
) -> None:
    database, run_id = database_of_logs(["".join(f"{line}\n" for line in chunk) for chunk in chunks])
    every = [line for chunk in chunks for line in chunk]
    with database.transaction() as session:
        assert list(logs.lines(session, run_id)) == every
        read = logs.read(session, run_id, after, most)
        assert [line.text for line in read] == every[after : after + most]
        assert numbers(read) == list(range(after + 1, after + 1 + len(read)))
        assert [line.text for line in logs.tail(session, run_id, most)] == every[-most:]
        hits = [number for number, line in enumerate(every, 1) if "ss" in line.casefold() and number > after]
        assert numbers(logs.search(session, run_id, "SS", after, most)) == hits[:most]


@pytest.fixture
def database_of_logs(
    database: Database, submit: Submit, worker: Worker
) -> Callable[[list[str]], tuple[Database, UUID]]:
    """Writes a new run's log from these chunks. One database serves all of a test's examples."""

    def make(chunks: list[str]) -> tuple[Database, UUID]:
        submit()
        held = claim(database, worker)
        for number, text in enumerate(chunks, 1):
            write(database, held, number, text)
        return database, held.run.id

    return make


def test_a_log_over_its_limit_keeps_its_head_and_newest_lines_and_says_what_is_missing(
    database: Database, held: Claim
) -> None:
    limit, line = 100_000, "x" * 99
    for number in range(1, 101):  # 1 MB in chunks of 10 kB, a hundred lines each
        write(database, held, number, f"{line}\n" * 100, limit)
        with database.transaction() as session:
            about = logs.about(session, held.run.id)
            assert about.kept_bytes == sum(len(text) + 1 for text in logs.lines(session, held.run.id)) <= limit
    with database.transaction() as session:
        kept = logs.read(session, held.run.id, 0, 10_000)
        text, last = "", 0
        while (more := logs.part(session, held.run.id, last))[1] > last:
            text, last = text + more[0], more[1]
    assert (about.lines, about.head_lines) == (10_000, 500)
    assert about.left_out_lines == 10_000 - len(kept)
    assert about.left_out_bytes == 100 * about.left_out_lines
    resumes = about.head_lines + about.left_out_lines + 1
    assert numbers(kept) == [*range(1, 501), *range(resumes, 10_001)]
    assert (
        text.splitlines()[500]
        == f"… {about.left_out_lines:,} lines were deleted here, as the log reached its size limit …"
    )
    assert len(text.splitlines()) == len(kept) + 1
    with database.transaction() as session:
        assert numbers(logs.read(session, held.run.id, 700, 2)) == [resumes, resumes + 1]


def test_a_single_chunk_over_the_limit_stays(database: Database, held: Claim) -> None:
    write(database, held, 1, "x\n" * 50_000, 65_536)
    with database.transaction() as session:
        assert logs.about(session, held.run.id).left_out_lines == 0
        assert len(list(logs.lines(session, held.run.id))) == 50_000


def test_a_log_that_was_never_written_is_empty(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session:
        assert logs.tail(session, run.id, 5) == logs.read(session, run.id, 0, 5) == []
        assert logs.part(session, run.id, 0) == ("", 0)
        assert logs.about(session, run.id).lines == 0
