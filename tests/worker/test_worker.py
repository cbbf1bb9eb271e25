"""The worker process around its attempts: bells, its own row, and shutting down."""

import json
import signal

import pytest
import redis
from sqlalchemy import select

from store import workers
from store.db.models import Attempt, Worker
from store.runs.states import Status
from tests.reslab.conftest import all_gone
from tests.worker.conftest import Service, points, trainers_of, wait_until
from worker.app import RING, celery_app

pytestmark = pytest.mark.usefixtures("warm")


def alive(service: Service) -> list[Worker]:
    with service.database.transaction() as session:
        return workers.alive(session, service.settings.lease_s)


def queued_messages(service: Service) -> int:
    return int(redis.Redis.from_url(service.settings.broker_url).llen("cpu"))


def test_duplicate_and_forged_messages_do_nothing(service: Service) -> None:
    app = celery_app(service.settings.broker_url)
    broker = redis.Redis.from_url(service.settings.broker_url)
    run_id = service.submit(iterations=20)
    for _ in range(3):
        app.send_task(RING, [str(run_id)], queue="cpu")
    app.send_task(RING, ["00000000-0000-0000-0000-000000000000"], queue="cpu")
    app.send_task(RING, ["'; DROP TABLE runs", 2, 3], queue="cpu")
    app.send_task(RING, queue="cpu", kwargs={"run_id": None})
    app.send_task("os.system", ["true"], queue="cpu")
    broker.lpush("cpu", json.dumps({"body": "?", "headers": {}, "properties": {}}))
    worker = service.tiny_worker()
    service.wait_for(run_id, Status.succeeded)
    wait_until(lambda: queued_messages(service) == 0)
    again = service.submit(iterations=20)
    service.control()
    service.wait_for(again, Status.succeeded)
    assert worker.poll() is None
    assert service.attempt_count() == 2


def test_an_idle_worker_needs_one_bell_for_all_waiting_runs(service: Service) -> None:
    submitted = [service.submit(iterations=20) for _ in range(5)]
    service.tiny_worker()
    wait_until(lambda: alive(service))
    celery_app(service.settings.broker_url).send_task(RING, [str(submitted[-1])], queue="cpu")
    for run_id in submitted:
        service.wait_for(run_id, Status.succeeded)
    with service.database.transaction() as session:
        assert list(session.scalars(select(Attempt.run_id).order_by(Attempt.started_at))) == submitted


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_returns_its_run_to_the_queue_when_it_is_stopped(service: Service, number: signal.Signals) -> None:
    run_id = service.submit(iterations=1_000_000)
    service.control()
    worker = service.tiny_worker()
    wait_until(lambda: service.run(run_id).iteration > 0)
    (trainer,) = trainers_of(worker)
    worker.send_signal(number)
    assert worker.wait(60) == 0
    assert all_gone([trainer])
    run = service.run(run_id)
    assert (run.status, run.failures) == (Status.queued, 0)
    assert points(service.database, run_id) == list(range(1, run.iteration + 1))
    assert not alive(service)


def test_a_drain_through_the_api_works_like_a_sigterm(service: Service) -> None:
    run_id = service.submit(iterations=1_000_000)
    service.control()
    worker = service.tiny_worker()
    wait_until(lambda: service.run(run_id).iteration > 0)
    with service.database.transaction() as session:
        (row,) = workers.alive(session, service.settings.lease_s)
        workers.drain(session, row.id)
    assert worker.wait(60) == 0
    run = service.run(run_id)
    assert (run.status, run.failures) == (Status.queued, 0)
    assert not alive(service)


def test_an_idle_worker_shuts_down_immediately(service: Service) -> None:
    worker = service.tiny_worker()
    wait_until(lambda: alive(service))
    (row,) = alive(service)
    assert (row.queue, row.pid, row.draining, row.run_id) == ("cpu", worker.pid, False, None)
    worker.terminate()
    assert worker.wait(60) == 0
    assert not alive(service)


def test_a_worker_whose_row_was_deleted_registers_again(service: Service) -> None:
    service.tiny_worker()
    wait_until(lambda: alive(service))
    (before,) = alive(service)
    with service.database.transaction() as session:
        workers.leave(session, before.id)
    wait_until(lambda: alive(service))
    assert alive(service)[0].id == before.id
