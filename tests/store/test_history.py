"""New events since a position: each event once, in whatever order transactions commit."""

import random
import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from store import history
from store.db.database import Database
from store.db.models import Event, Run
from store.db.position import Position
from store.runs import verbs
from store.runs.states import EventKind

Submit = Callable[..., Run]
MOST = 10_000


def since(database: Database, start: Position | None, *of: UUID, most: int = MOST) -> history.News:
    with database.transaction() as session:
        return history.since(session, start, of, most)


def record(session: Session, run_id: UUID) -> None:
    history.record(session, verbs.lock(session, run_id), EventKind.warned, message="x")


def events_of(news: history.News) -> list[tuple[UUID, int]]:
    assert news.events is not None
    return [(event.run_id, event.seq) for event in news.events]


def test_without_a_position_there_are_no_events(database: Database, submit: Submit) -> None:
    submit()
    now = since(database, None)
    assert events_of(now) == []
    assert events_of(since(database, now.position)) == []


def test_a_run_created_later_is_reported(database: Database, submit: Submit) -> None:
    now = since(database, None)
    run = submit()
    assert events_of(since(database, now.position)) == [(run.id, 1)]


def test_a_transaction_that_ends_late_is_reported_then_and_once(database: Database, submit: Submit) -> None:
    early, late = submit(), submit()
    position = since(database, None).position
    with database.transaction() as slow:
        record(slow, late.id)  # begun first, committed last
        with database.transaction() as quick:
            record(quick, early.id)
        first = since(database, position)
        assert events_of(first) == [(early.id, 2)]
    second = since(database, first.position)
    assert events_of(second) == [(late.id, 2)]
    assert events_of(since(database, second.position)) == []


def test_only_the_events_of_the_named_runs_are_returned(database: Database, submit: Submit) -> None:
    first, other = submit(), submit()
    position = since(database, None).position
    for run in (first, other):
        with database.transaction() as session:
            record(session, run.id)
    assert events_of(since(database, position, other.id)) == [(other.id, 2)]


def test_too_many_events_are_not_returned_in_part(database: Database, submit: Submit) -> None:
    run = submit()
    position = since(database, None).position
    with database.transaction() as session:
        for _ in range(5):
            record(session, run.id)
    assert len(events_of(since(database, position, most=5))) == 5
    news = since(database, position, most=4)
    assert news.events is None
    assert events_of(since(database, news.position)) == []


def test_a_position_in_the_future_or_long_ago_makes_the_reader_reload(database: Database) -> None:
    now = since(database, None).position
    ahead = Position(now.next + 1000, now.next + 1000, frozenset())
    assert since(database, ahead).events is None
    assert since(database, Position(1, 1, frozenset())).events == []
    far = Position(1, now.next, frozenset())
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
    assert now.next - far.least < history._FARTHEST


def test_simultaneous_writers_events_are_reported_once_and_in_each_runs_order(
    database: Database, submit: Submit
) -> None:
    """Why a counter isn't enough: a reader that follows a counter misses events that commit late."""
    ids = [submit().id for _ in range(4)]
    position, received = since(database, None).position, list[tuple[UUID, int]]()

    def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        for _ in range(25):
            with database.transaction() as session:
                session.execute(func.pg_current_xact_id().select())
                time.sleep(chance.random() * 0.01)
                record(session, chance.choice(ids))
                time.sleep(chance.random() * 0.01)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    while True:
        alive = any(writer.is_alive() for writer in writers)
        news = since(database, position)
        received, position = received + events_of(news), news.position
        if not alive:
            break
    assert len(received) == 100
    for run_id in ids:
        seqs = [seq for of, seq in received if of == run_id]
        assert seqs == list(range(2, 2 + len(seqs)))


def test_an_event_has_the_number_of_its_transaction(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session:
        own = session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
        record(session, run.id)
        assert session.get_one(Event, (run.id, 2)).transaction == own
        session.execute(update(Run).values(notes="x"))


@given(st.sets(st.integers(1, 40), max_size=12), st.integers(1, 40))
def test_a_position_reads_as_postgres_writes_it(numbers: set[int], transaction: int) -> None:
    least, following = min(numbers, default=7), max(numbers, default=7) + 1
    position = Position(least, following, frozenset(numbers))
    assert Position.parse(str(position)) == position
    assert position.has(transaction) == (transaction < following and transaction not in numbers)


@pytest.mark.parametrize(
    "rubbish",
    ["", "1", "1:2", "0:1:", "2:1:", "1:5:9", "1:5:3,2", "1:5:3,3", "1:5:3,", "a:b:", "1:5:2:", "9" * 20 + ":1:"],
)
def test_an_invalid_position_is_refused(rubbish: str) -> None:
    with pytest.raises(ValueError, match="position"):
        Position.parse(rubbish)
