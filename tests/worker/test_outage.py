"""An outage of the broker or the database: a pause at most, never a lost or duplicate run."""

import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import select

from reslab.stack.child import Child
from reslab.stack.home import free_port
from reslab.stack.valkey import Valkey
from store.db.database import libpq
from store.db.models import Event
from store.runs.states import Status
from tests.reslab.conftest import all_gone
from tests.worker.conftest import Service, points, trainers_of, wait_until

pytestmark = pytest.mark.usefixtures("warm")

LEASE_S = 4.0


class Broker:
    """A Valkey that can be killed and then forgets everything."""

    def __init__(self, folder: Path) -> None:
        self._server = Valkey(log=folder / "broker.log", port=free_port(), password=secrets.token_urlsafe(16))
        self.url = self._server.url
        self.start()

    def start(self) -> None:
        self._child = Child(self._server.service())
        self._child.send_stdin()
        self._child.wait_until_ready()

    def kill(self) -> None:
        os.kill(self._child.pid, signal.SIGKILL)
        wait_until(lambda: self._child.exit_code() is not None)

    def stop(self) -> None:
        self._child.stop(limit_s=5)


@pytest.fixture
def broker(tmp_path: Path, service: Service) -> Iterator[Broker]:
    """A broker of this test's own, which the service uses."""
    broker = Broker(tmp_path)
    service.settings = service.settings.model_copy(update={"broker_url": broker.url})
    yield broker
    broker.stop()


def test_a_broker_that_lost_its_messages_loses_no_run(service: Service, broker: Broker) -> None:
    service.control()
    worker = service.tiny_worker()
    service.wait_for(service.submit(iterations=5), Status.succeeded)
    worker.send_signal(signal.SIGSTOP)
    run_id = service.submit(iterations=5)
    wait_until(lambda: service.run(run_id).rung_at is not None)
    broker.kill()
    broker.start()
    worker.send_signal(signal.SIGCONT)
    service.wait_for(run_id, Status.succeeded)


def test_training_continues_without_a_broker(service: Service, broker: Broker) -> None:
    run_id = service.submit(iterations=1000)
    service.control()
    worker = service.tiny_worker()
    wait_until(lambda: service.run(run_id).iteration > 0)
    broker.kill()
    service.wait_for(run_id, Status.succeeded)
    assert service.run(run_id).fence == 1
    waiting = service.submit(iterations=5)
    broker.start()
    service.wait_for(waiting, Status.succeeded)
    assert worker.poll() is None


def test_a_worker_shuts_down_cleanly_without_a_broker(service: Service, broker: Broker) -> None:
    run_id = service.submit(iterations=1_000_000)
    service.control()
    worker = service.tiny_worker()
    wait_until(lambda: service.run(run_id).iteration > 0)
    broker.kill()
    worker.terminate()
    assert worker.wait(60) == 0
    assert service.run(run_id).status == Status.queued


def _server_of(database_url: str) -> psutil.Process:
    """The postmaster, a child of this process."""
    with psycopg.connect(libpq(database_url)) as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        postmaster = psutil.Process(pid).parent()
    assert postmaster is not None
    return postmaster


@contextmanager
def refusing(database_url: str) -> Iterator[None]:
    """Cuts every connection to this database and refuses new ones."""
    server, _, name = libpq(database_url).rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


@contextmanager
def frozen(database_url: str) -> Iterator[None]:
    """Stops the whole server: connections stay open, and queries hang."""
    postmaster = _server_of(database_url)
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            process.resume()


def two_leases_pass() -> None:
    deadline = time.monotonic() + 2 * LEASE_S
    wait_until(lambda: time.monotonic() > deadline)


@pytest.fixture
def training(service: Service) -> Service:
    """Control and a worker, with a short lease."""
    service.settings = service.settings.model_copy(update={"lease_s": LEASE_S, "heartbeat_s": 0.5})
    service.control()
    service.tiny_worker()
    return service


@pytest.mark.parametrize("away", [refusing, pytest.param(frozen, marks=pytest.mark.long)])
def test_a_database_away_for_two_leases_costs_a_pause_and_no_attempt(training: Service, away: type) -> None:
    run_id = training.submit(iterations=3000, checkpoint_every=500)
    wait_until(lambda: training.run(run_id).iteration > 0)
    (trainer,) = trainers_of(training.started[-1])
    with away(training.settings.database_url):
        if away is refusing:
            wait_until(lambda: trainer.status() == psutil.STATUS_STOPPED)
        two_leases_pass()
    run = training.wait_for(run_id, Status.succeeded)
    assert run.fence == 1
    assert points(training.database, run_id) == list(range(1, 3001))


def test_a_worker_that_stood_still_for_its_lease_gives_up_the_run(training: Service) -> None:
    """Only this worker is stopped; another one takes its run over."""
    run_id = training.submit(iterations=1_000_000, checkpoint_every=100)
    wait_until(lambda: training.run(run_id).iteration > 0)
    worker = training.started[-1]
    (trainer,) = trainers_of(worker)
    worker.send_signal(signal.SIGSTOP)
    training.tiny_worker()
    wait_until(lambda: training.run(run_id).fence == 2)
    worker.send_signal(signal.SIGCONT)
    wait_until(lambda: all_gone([trainer]))
    wait_until(lambda: training.run(run_id).iteration > 300)
    done = points(training.database, run_id)
    assert done == list(range(1, len(done) + 1))
    with training.database.transaction() as session:
        kinds = set(session.scalars(select(Event.kind).where(Event.run_id == run_id, Event.attempt == 1)))
    assert "returned" not in kinds
