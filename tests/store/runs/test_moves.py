"""Pause and resume, the order of states, and the past of an ended run."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from store import history
from store.db.database import Database
from store.db.errors import Conflict
from store.db.models import Attempt, Base, Evaluation, Event, LogChunk, Run, StepChunk, Worker
from store.runs import attempts, verbs
from store.runs.states import Status
from tests.store.conftest import LEASE_S, claim, steps

Submit = Callable[..., Run]


def kinds(database: Database, run: Run) -> list[tuple[str, str]]:
    with database.transaction() as session:
        return [(event.kind, event.actor) for event in history.page(session, run.id)]


def move(database: Database, verb: Callable[..., Run], run: Run) -> Run:
    with database.transaction() as session:
        return verb(session, run.id, "ben")


def test_a_queued_run_is_paused_and_resumed_immediately_and_both_are_safe_to_repeat(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit()
    for verb, status in ((verbs.pause, Status.paused), (verbs.resume, Status.queued)):
        for _ in range(2):
            assert move(database, verb, run).status == status
    assert kinds(database, run) == [("created", "ann"), ("paused", "ben"), ("resumed", "ben")]
    assert claim(database, worker).run.id == run.id


def test_pausing_a_running_run_is_a_request_that_its_worker_reads(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit()
    lease = claim(database, worker)
    assert move(database, verbs.pause, run).status == Status.running
    with database.transaction() as session:
        assert attempts.beat(session, run.id, lease.attempt, LEASE_S) == "pause"
        attempts.stop(session, run.id, lease.attempt)
    with database.transaction() as session:
        assert verbs.get(session, run.id).status == Status.paused
        assert attempts.claim(session, worker, LEASE_S) is None


def test_a_request_to_pause_can_be_withdrawn(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    move(database, verbs.pause, run)
    assert move(database, verbs.resume, run).stop_request is None
    with database.transaction() as session:
        assert attempts.beat(session, run.id, lease.attempt, LEASE_S) is None
    assert [kind for kind, _ in kinds(database, run)] == ["created", "claimed", "pause_requested", "resumed"]


def test_a_cancel_is_not_undone_by_pause_or_resume(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    claim(database, worker)
    move(database, verbs.cancel, run)
    for verb in (verbs.pause, verbs.resume):
        with pytest.raises(Conflict, match="being cancelled"):
            move(database, verb, run)


def test_a_request_to_pause_can_become_a_cancel(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    move(database, verbs.pause, run)
    assert move(database, verbs.cancel, run).stop_request == "cancel"
    with database.transaction() as session:
        attempts.stop(session, run.id, lease.attempt)
    with database.transaction() as session:
        assert verbs.get(session, run.id).status == Status.cancelled


def test_an_ended_run_can_be_neither_paused_nor_resumed(database: Database, submit: Submit) -> None:
    run = submit()
    move(database, verbs.cancel, run)
    for verb in (verbs.pause, verbs.resume):
        with pytest.raises(Conflict, match="Retry or fork"):
            move(database, verb, run)


def test_resuming_ends_the_back_off(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.return_to_queue(session, run.id, lease.attempt, "its trainer died", most=5)
    move(database, verbs.pause, run)
    resumed = move(database, verbs.resume, run)
    assert (resumed.failures, resumed.not_before) == (0, None)
    assert claim(database, worker).run.id == run.id


@pytest.fixture
def ended(database: Database, submit: Submit, worker: Worker) -> Run:
    """A run that failed at iteration 10, with something in every table."""
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(1, 10)])
        attempts.append_log(session, run.id, lease.attempt, 1, "one line\n")
        session.add(
            Evaluation(run_id=run.id, split="test", iteration=10, attempt=1, error=5, top5_error=None, loss=1, images=9)
        )
        attempts.fail(session, run.id, lease.attempt, "diverged", "loss is nan at iteration 11")
    return run


PAST = (Attempt, StepChunk, LogChunk, Evaluation)
CHANGED: dict[type[Base], dict[str, object]] = {
    Attempt: {"outcome": "?"},
    StepChunk: {"every": 2},
    LogChunk: {"text": "?"},
    Evaluation: {"error": 0},
}


@pytest.mark.parametrize("table", PAST)
def test_the_past_of_an_ended_run_cannot_be_changed(database: Database, ended: Run, table: type[Base]) -> None:
    for change in (delete(table), update(table).values(CHANGED[table])):
        with pytest.raises(IntegrityError, match="cannot change any more"), database.transaction() as session:
            session.execute(change)
    with pytest.raises(IntegrityError, match="cannot change any more"), database.transaction() as session:
        session.add(LogChunk(run_id=ended.id, attempt=1, number=2, text="late\n"))


def test_events_are_only_ever_added(database: Database, submit: Submit) -> None:
    submit()
    for change in (delete(Event), update(Event).values(actor="somebody else")):
        with pytest.raises(IntegrityError, match="cannot be changed"), database.transaction() as session:
            session.execute(change)


def test_deleting_a_run_deletes_its_past(database: Database, ended: Run) -> None:
    with database.transaction() as session:
        verbs.remove(session, ended.id)
    with database.transaction() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (*PAST, Event)] == [0] * 5


def test_a_later_compaction_may_change_the_past(database: Database, ended: Run) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL reslab.compaction = 'on'"))
        session.execute(delete(StepChunk).where(StepChunk.run_id == ended.id))
