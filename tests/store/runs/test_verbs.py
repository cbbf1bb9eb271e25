"""What people do with runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from store import history
from store.db.database import Database
from store.db.errors import Conflict, NotFound
from store.db.models import Event, Run, Worker
from store.runs import attempts, verbs
from store.runs.states import FOLLOWS, TERMINAL, Status
from tests.store.conftest import claim, submission

Submit = Callable[..., Run]


def test_a_created_run_is_queued_with_all_that_was_submitted(database: Database, submit: Submit) -> None:
    run = submit(depth=20)
    with database.transaction() as session:
        stored = verbs.get(session, run.id)
        assert (stored.status, stored.name, stored.spec["lr"], stored.parameters) == (
            "queued",
            "ResNet-20 A",
            0.1,
            269_722,
        )
        assert [event.kind for event in history.page(session, run.id)] == ["created"]


def test_a_page_of_events_can_be_filtered_by_kind(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session:
        verbs.change(session, run.id, "ann", verbs.RunChange(notes="the second seed"))
        verbs.cancel(session, run.id, "ann")
        events = history.page(session, run.id, kinds=("created", "cancelled"))
        assert [(event.seq, event.kind) for event in events] == [(1, "created"), (3, "cancelled")]


def test_fifty_posts_with_one_key_create_one_run(database: Database) -> None:
    def post(_: int) -> UUID:
        with database.transaction() as session:
            return verbs.create(session, submission(), key="k", body_hash="same")[0].id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(post, range(50)))) == 1
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1


def test_a_key_used_with_another_body_is_a_conflict(database: Database) -> None:
    with database.transaction() as session:
        verbs.create(session, submission(), key="k", body_hash="one")
    with database.transaction() as session, pytest.raises(Conflict, match="another body"):
        verbs.create(session, submission(), key="k", body_hash="other")


def test_two_owners_may_use_the_same_key(database: Database) -> None:
    with database.transaction() as session:
        ann, _ = verbs.create(session, submission("ann"), key="k", body_hash="one")
        ben, is_new = verbs.create(session, submission("ben"), key="k", body_hash="two")
    assert is_new
    assert ann.id != ben.id


def test_a_queued_run_is_cancelled_immediately_and_it_is_safe_to_repeat(database: Database, submit: Submit) -> None:
    run = submit()
    for _ in range(2):
        with database.transaction() as session:
            assert verbs.cancel(session, run.id, "ann").status == Status.cancelled
    with database.transaction() as session:
        assert [event.kind for event in history.page(session, run.id)] == ["created", "cancelled"]


def test_cancelling_a_running_run_is_a_request_that_its_worker_reads(
    database: Database, submit: Submit, worker: Worker
) -> None:
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        assert verbs.cancel(session, run.id, "ann").status == Status.running
    with database.transaction() as session:
        assert attempts.beat(session, run.id, lease.attempt, 60) == "cancel"
    with database.transaction() as session:
        attempts.stop(session, run.id, lease.attempt)
    with database.transaction() as session:
        assert verbs.get(session, run.id).status == Status.cancelled


def test_a_failed_run_cannot_be_cancelled(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.fail(session, run.id, lease.attempt, "diverged", "loss is nan at iteration 3")
    with database.transaction() as session, pytest.raises(Conflict, match="failed"):
        verbs.cancel(session, run.id, "ann")


def test_a_running_run_cannot_be_deleted_and_a_deleted_queued_run_leaves_nothing(
    database: Database, submit: Submit, worker: Worker
) -> None:
    running, queued = submit(), submit()
    claim(database, worker)
    with database.transaction() as session, pytest.raises(Conflict, match="Cancel it first"):
        verbs.remove(session, running.id)
    with database.transaction() as session:
        verbs.remove(session, queued.id)
    with database.transaction() as session:
        with pytest.raises(NotFound):
            verbs.get(session, queued.id)
        assert session.scalar(select(func.count()).select_from(Event).where(Event.run_id == queued.id)) == 0


def test_an_edit_is_an_event_that_says_who_and_what(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session:
        verbs.change(session, run.id, "ben", verbs.RunChange(notes="longer", tags=["a"]))
        verbs.change(session, run.id, "ben", verbs.RunChange(notes="longer"))
    with database.transaction() as session:
        created, changed = history.page(session, run.id)
        assert (created.seq, changed.seq, changed.actor) == (1, 2, "ben")
        assert changed.body == {"notes": "longer", "tags": ["a"]}


def test_an_ended_run_is_archived_and_brought_back(database: Database, submit: Submit) -> None:
    run = submit()
    with pytest.raises(Conflict, match="Only a run that has ended can be archived"):
        archive(database, run.id)
    with database.transaction() as session:
        verbs.cancel(session, run.id, "ann")
    first = archive(database, run.id)
    assert first is not None
    assert archive(database, run.id) == first, "safe to repeat"
    assert archive(database, run.id, archived=False) is None
    with database.transaction() as session:
        changes = [event.body for event in history.page(session, run.id, kinds=("changed",))]
    assert changes == [{"archived": True}, {"archived": False}]


def archive(database: Database, run_id: UUID, *, archived: bool = True) -> datetime | None:
    with database.transaction() as session:
        return verbs.change(session, run_id, "ann", verbs.RunChange(archived=archived)).archived_at


def test_an_unknown_run_is_not_found(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NotFound):
        verbs.cancel(session, uuid4(), "ann")


def reach(database: Database, run: Run, status: Status) -> None:
    """Moves a queued run to a state, through moves that the trigger allows."""
    path = {Status.queued: [], Status.running: [Status.running], Status.paused: [Status.paused]}
    for step in path.get(status, [Status.running, status]):
        _set(database, run, step)


def _set(database: Database, run: Run, status: Status) -> None:
    values = {
        "status": status,
        "finished_at": func.now() if status in TERMINAL else None,
        "reason": "internal" if status == Status.failed else None,
    }
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id == run.id).values(values))


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_the_database_allows_exactly_the_moves_of_the_table(
    database: Database, submit: Submit, before: Status, after: Status
) -> None:
    run = submit()
    reach(database, run, before)
    if after in FOLLOWS[before]:
        _set(database, run, after)
    elif before != after or before in TERMINAL:
        with pytest.raises(IntegrityError):
            _set(database, run, after)


@pytest.mark.parametrize("column", ["iteration", "priority", "fence"])
def test_a_terminal_row_never_changes(database: Database, submit: Submit, column: str) -> None:
    run = submit()
    reach(database, run, Status.succeeded)
    with pytest.raises(IntegrityError, match="cannot change any more"), database.transaction() as session:
        session.execute(update(Run).where(Run.id == run.id).values({column: 7}))


def test_a_terminal_run_may_still_be_renamed(database: Database, submit: Submit) -> None:
    run = submit()
    reach(database, run, Status.succeeded)
    with database.transaction() as session:
        assert verbs.change(session, run.id, "ann", verbs.RunChange(name="the good one")).name == "the good one"
