"""A run on several machines: here two workers of this one, with the real trainer; tests/hosts has real networks."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from store import workers
from store.runs.states import Status
from tests.worker.conftest import Service, points, wait_until, weights_hash

pytestmark = pytest.mark.usefixtures("warm")
SPEC = {"iterations": 30, "checkpoint_every": 10, "evaluate_every": 30, "devices": 2, "batch_size": 8}


@pytest.mark.long
def test_a_run_on_two_machines_outlives_one_and_ends_as_on_one_machine(service: Service, tmp_path: Path) -> None:
    service.control()
    service.start_worker("--device", "cpu", "--name", "first")
    alone = service.submit(**SPEC)
    service.wait_for(alone, Status.succeeded)

    lost = service.start_worker("--device", "cpu", "--name", "lost")
    shared = service.submit(machines=2, **SPEC)
    wait_until(lambda: service.run(shared).iteration >= 10, 120)
    assert busy(service) == ["first", "lost"]
    trainers = [child for worker in service.started[1:] for child in psutil.Process(worker.pid).children()]
    os.kill(lost.pid, signal.SIGKILL)
    wait_until(lambda: service.run(shared).status == Status.queued)
    psutil.wait_procs(trainers, timeout=120)

    service.start_worker("--device", "cpu", "--name", "second")
    run = service.wait_for(shared, Status.succeeded)
    assert run.fence == 2
    assert points(service.database, shared) == list(range(1, 31))
    assert weights_hash(service.database, shared) == weights_hash(service.database, alone)
    wait_until(lambda: busy(service) == [])


def test_a_machine_that_shuts_down_costs_the_run_no_failure(service: Service) -> None:
    service.control()
    leaving, staying = (service.start_worker("--device", "cpu", "--name", name) for name in ("leaving", "staying"))
    run_id = service.submit(machines=2, **SPEC | {"iterations": 1_000_000, "checkpoint_every": 1000})
    wait_until(lambda: service.run(run_id).iteration >= 5, 120)
    leaving.terminate()
    assert leaving.wait(120) == 0
    run = service.wait_for(run_id, Status.queued)
    assert run.failures == 0
    assert points(service.database, run_id) == list(range(1, run.iteration + 1))
    assert staying.poll() is None


def busy(service: Service) -> list[str]:
    with service.database.transaction() as session:
        return [worker.name for worker in workers.alive(session, service.settings.lease_s) if worker.run_id]
