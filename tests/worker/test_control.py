"""Control: one process leads, bells ring after the commit, leases expire only while the database can be reached."""

import signal

import psutil
import pytest
from sqlalchemy import func, select

from store import workers
from store.db.database import QUEUE_CHANGED, Database, Listener
from store.db.errors import LeaseLost
from store.db.models import Attempt
from store.db.settings import Settings
from store.runs import attempts
from store.runs.states import Status
from store.workers import LEADER_LOCK
from tests.worker.conftest import NewBench, Service, Submit, claim, wait_until
from worker.control import IDLE_TICK_S, TICK_S, Control
from worker.workbench import Workbench

pytestmark = pytest.mark.usefixtures("warm")


def test_only_one_process_leads_and_another_takes_over(settings: Settings) -> None:
    with Listener(settings.database_url, QUEUE_CHANGED) as other:
        with Listener(settings.database_url, QUEUE_CHANGED) as leader:
            assert leader.lock(LEADER_LOCK)
            assert leader.lock(LEADER_LOCK)
            assert not other.lock(LEADER_LOCK)
        wait_until(lambda: other.lock(LEADER_LOCK))


def test_a_second_control_does_no_harm_and_takes_over(service: Service) -> None:
    first, second = service.control(), service.control()
    service.tiny_worker()
    run_ids = [service.submit(iterations=5) for _ in range(3)]
    for run_id in run_ids:
        service.wait_for(run_id, Status.succeeded)
    first.kill()
    again = service.submit(iterations=5)
    service.wait_for(again, Status.succeeded)
    second.terminate()
    assert second.wait(60) == 0
    assert service.attempt_count() == 4


def test_control_looks_less_often_while_no_run_waits_or_trains(
    database: Database, settings: Settings, submit: Submit, broker_url: str
) -> None:
    control = Control(settings.model_copy(update={"lease_s": 60.0, "broker_url": broker_url}), database)
    assert control.tick() == IDLE_TICK_S
    submit(iterations=5)
    assert control.tick() == TICK_S


def test_a_lease_that_expired_during_an_outage_is_extended_once(
    database: Database, settings: Settings, submit: Submit, new_bench: NewBench, broker_url: str
) -> None:
    """The workers may have been cut off as well, so they get one more lease to report."""
    settings = settings.model_copy(update={"lease_s": 0.8, "broker_url": broker_url})
    run_id = submit(iterations=5)
    attempt = claim(new_bench(lease_s=0.8)).attempt
    control = Control(settings, database)
    wait_until(lambda: lease_is_over(database, settings))
    control.tick()
    with database.transaction() as session:
        attempts.beat(session, run_id, attempt, 0.8)  # the first tick did not re-queue the run

    def is_lost() -> bool:
        control.tick()
        with database.transaction() as session:
            try:
                attempts.lock(session, run_id, attempt)
            except LeaseLost:
                return True
        return False

    wait_until(is_lost)


def lease_is_over(database: Database, settings: Settings) -> bool:
    with database.transaction() as session:
        return session.scalar(select(Attempt.number).where(Attempt.lease_until < func.now())) is not None


@pytest.fixture
def frozen_broker(broker_url: str) -> psutil.Process:
    port = broker_url.rsplit(":", 1)[1].removesuffix("/0")
    (server,) = [
        child
        for child in psutil.Process().children()
        if "valkey" in child.name() and any(str(c.laddr.port) == port for c in child.net_connections())
    ]
    return server


def test_a_frozen_broker_does_not_block_the_rest_of_control(
    service: Service, frozen_broker: psutil.Process, new_bench: NewBench
) -> None:
    lost = service.submit(iterations=5)
    service.control()
    claim(new_bench())  # by a worker that disappears
    idle = new_bench()
    frozen_broker.suspend()
    try:
        waiting = service.submit(iterations=5)
        wait_until(lambda: heartbeat(idle) and service.run(waiting).rung_at is not None)
        service.wait_for(lost, Status.queued)
    finally:
        frozen_broker.resume()
    service.tiny_worker()
    service.wait_for(waiting, Status.succeeded)
    service.wait_for(lost, Status.succeeded)


def heartbeat(workbench: Workbench) -> bool:
    with workbench.database.transaction() as session:
        return workers.beat(session, workbench.worker_id) is not None


def test_a_stopped_control_continues_where_it_was(service: Service) -> None:
    control = service.control()
    service.tiny_worker()
    service.wait_for(service.submit(iterations=5), Status.succeeded)
    control.send_signal(signal.SIGSTOP)
    run_id = service.submit(iterations=5)
    control.send_signal(signal.SIGCONT)
    service.wait_for(run_id, Status.succeeded)
    control.send_signal(signal.SIGINT)
    assert control.wait(60) == 0
