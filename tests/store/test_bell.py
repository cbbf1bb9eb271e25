"""Never more messages in flight than free workers + 2; a lost one is rung again."""

from collections.abc import Callable

from sqlalchemy import func, text, update

from store import bell, workers
from store.database import Database
from store.models import Run, Worker
from tests.store.conftest import claim, new_worker

Submit = Callable[..., Run]


def mark(database: Database) -> list[bell.Ring]:
    with database.transaction() as session:
        return bell.mark(session, lease_s=60)


def test_without_a_worker_nothing_is_rung(database: Database, submit: Submit) -> None:
    submit()
    assert mark(database) == []


def test_the_window_is_the_free_workers_and_two(database: Database, submit: Submit, worker: Worker) -> None:
    made = [submit() for _ in range(5)]
    assert [ring.run_id for ring in mark(database)] == [run.id for run in made[:3]]
    assert mark(database) == []
    claim(database, worker)  # one of the three in flight; no worker is free now
    assert mark(database) == []


def test_a_lost_message_is_rung_again_after_30_s(database: Database, submit: Submit, worker: Worker) -> None:
    run = submit()
    assert mark(database) == [(run.id, "cpu")]
    with database.transaction() as session:
        session.execute(update(Run).values(rung_at=func.now() - text("interval '31 seconds'")))
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
