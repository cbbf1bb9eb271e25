"""A log's lines: numbered over all attempts, with levels and a size limit, searched, and read from any line."""

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

LINES = """2026-01-31 12:00:00,123 INFO trainer.loop: iteration 1
plain words
/lib/x.py:7: UserWarning: take care
2026-01-31 12:00:01,000 ERROR trainer: it broke
Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: x
2026-01-31 12:00:02,000 INFO worker: returned to the queue
"""


@pytest.fixture
def lease(database: Database, submit: Submit, worker: Worker) -> Claim:
    submit()
    return claim(database, worker)


def write(database: Database, lease: Claim, number: int, text: str, limit_bytes: int = 1 << 20) -> None:
    with database.transaction() as session:
        attempts.append_log(session, lease.run.id, lease.attempt, number, text, limit_bytes=limit_bytes)


def numbers(lines: list[logs.LogLine]) -> list[int]:
    return [line.number for line in lines]


def test_a_line_without_a_level_has_the_level_of_the_line_before() -> None:
    assert letters(LINES.splitlines()) == "iiweeeei"
    assert letters(["  File x", "ValueError"], before="e") == "ee"


def test_levels_continue_from_chunk_to_chunk_and_the_first_error_is_recorded(database: Database, lease: Claim) -> None:
    first, second = LINES[: LINES.index("  File")], LINES[LINES.index("  File") :]
    write(database, lease, 1, first)
    write(database, lease, 2, second)
    with database.transaction() as session:
        lines = logs.tail(session, lease.run.id, 100)
        about = logs.about(session, lease.run.id)
    assert [line.level for line in lines] == ["info"] * 2 + ["warning"] + ["error"] * 4 + ["info"]
    assert (about.lines, about.first_error) == (8, 4)


def test_a_repeated_chunk_counts_once(database: Database, lease: Claim) -> None:
    for _ in range(2):
        write(database, lease, 1, "one\ntwo\n")
    with database.transaction() as session:
        assert (logs.about(session, lease.run.id).lines, list(logs.lines(session, lease.run.id))) == (2, ["one", "two"])


def test_numbers_continue_over_attempts(database: Database, lease: Claim, worker: Worker) -> None:
    write(database, lease, 1, "one\ntwo\n")
    with database.transaction() as session:
        attempts.return_to_queue(session, lease.run.id, lease.attempt, "x")
    again = claim(database, worker)
    write(database, again, 1, "three\n")
    with database.transaction() as session:
        lines = logs.read(session, lease.run.id, 1, 10)
    assert [(line.number, line.attempt, line.text) for line in lines] == [(2, 1, "two"), (3, 2, "three")]


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
        lease = claim(database, worker)
        for number, text in enumerate(chunks, 1):
            write(database, lease, number, text)
        return database, lease.run.id

    return make


def test_a_log_over_its_limit_keeps_its_head_and_newest_lines_and_says_what_is_missing(
    database: Database, lease: Claim
) -> None:
    limit, line = 100_000, "x" * 99
    for number in range(1, 101):  # 1 MB in chunks of 10 kB, a hundred lines each
        write(database, lease, number, f"{line}\n" * 100, limit)
        with database.transaction() as session:
            about = logs.about(session, lease.run.id)
            assert about.kept_bytes == sum(len(text) + 1 for text in logs.lines(session, lease.run.id)) <= limit
    with database.transaction() as session:
        stored = logs.read(session, lease.run.id, 0, 10_000)
        text, last = "", 0
        while (more := logs.part(session, lease.run.id, last))[1] > last:
            text, last = text + more[0], more[1]
    assert (about.lines, about.head_lines) == (10_000, 500)
    assert about.left_out_lines == 10_000 - len(stored)
    assert about.left_out_bytes == 100 * about.left_out_lines
    resumes = about.head_lines + about.left_out_lines + 1
    assert numbers(stored) == [*range(1, 501), *range(resumes, 10_001)]
    assert (
        text.splitlines()[500]
        == f"… {about.left_out_lines:,} lines were deleted here, as the log reached its size limit …"
    )
    assert len(text.splitlines()) == len(stored) + 1
    with database.transaction() as session:
        assert numbers(logs.read(session, lease.run.id, 700, 2)) == [resumes, resumes + 1]


def test_a_single_chunk_over_the_limit_stays(database: Database, lease: Claim) -> None:
    write(database, lease, 1, "x\n" * 50_000, 65_536)
    with database.transaction() as session:
        assert logs.about(session, lease.run.id).left_out_lines == 0
        assert len(list(logs.lines(session, lease.run.id))) == 50_000


def test_a_log_that_was_never_written_is_empty(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session:
        assert logs.tail(session, run.id, 5) == logs.read(session, run.id, 0, 5) == []
        assert logs.part(session, run.id, 0) == ("", 0)
        assert logs.about(session, run.id).lines == 0
