"""There are never more messages in flight than free workers, and a lost message is sent again."""

from collections.abc import Callable

from sqlalchemy import func, text, update

from store import workers
from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import attempts, bell
from tests.store.conftest import claim, new_worker

Submit = Callable[..., Run]


def mark(database: Database) -> list[bell.Ring]:
    with database.transaction() as session:
        return bell.mark(session, lease_s=60)


def test_nothing_is_due_while_no_run_waits_or_trains(database: Database, submit: Submit, worker: Worker) -> None:
    def is_idle() -> bool:
        with database.transaction() as session:
            return bell.is_idle(session)

    assert is_idle()
    submit()
    assert not is_idle()
    claimed = claim(database, worker)
    assert not is_idle()
    with database.transaction() as session:
        attempts.fail(session, claimed.run.id, claimed.attempt, "internal", "the test ended it")
    assert is_idle()


def test_without_a_worker_nothing_is_rung(database: Database, submit: Submit) -> None:
    submit()
    assert mark(database) == []


def test_there_are_as_many_messages_in_flight_as_free_workers(
    database: Database, submit: Submit, worker: Worker
) -> None:
    new_worker(database, "two")
    runs = [submit() for _ in range(5)]
    assert [ring.run_id for ring in mark(database)] == [run.id for run in runs[:2]]
    assert mark(database) == []
    claim(database, worker)  # one of the two in flight; one worker is free now
    assert mark(database) == []


def test_no_message_waits_for_workers_that_are_busy(database: Database, submit: Submit, worker: Worker) -> None:
    runs = [submit() for _ in range(2)]
    assert claim(database, worker).run.id == runs[0].id
    assert mark(database) == []


def test_a_lost_message_is_rung_again(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    assert mark(database) == [(run.id, "cpu")]
    with database.transaction() as session:
        session.execute(update(Run).values(rung_at=func.now() - text("interval '6 seconds'")))
    assert mark(database) == [(run.id, "cpu")]


def test_a_run_for_a_gpu_is_rung_on_its_queue_only(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit(queue="gpu")
    assert mark(database) == []
    new_worker(database, "big", "gpu")
    assert mark(database) == [(run.id, "gpu")]


def test_a_run_in_its_back_off_is_not_rung(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    with database.transaction() as session:
        session.execute(update(Run).values(not_before=func.now() + text("interval '1 hour'")))
    assert mark(database) == []


def test_a_draining_or_silent_worker_is_not_free(database: Database, submit: Submit, worker: Worker) -> None:
    submit()
    with database.transaction() as session:
        assert workers.beat(session, worker.id, draining=True)
    assert mark(database) == []
    silent = new_worker(database, "silent")
    with database.transaction() as session:
        session.execute(
            update(Worker).where(Worker.id == silent.id).values(seen_at=func.now() - text("interval '2 minutes'"))
        )
    assert mark(database) == []
