"""Jobs as Kubernetes runs them: KEDA's query counts what they would claim, and lost or evicted pods cost no run."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import update

from store.db import roles
from store.db.database import Database, libpq
from store.db.identifiers import new_id
from store.db.models import Run, Worker
from store.runs import queue, verbs
from store.runs.queue import Capacity
from store.runs.states import Queue, Status
from tests.docker.test_kubernetes import SCALED, Manifest, with_slots
from tests.worker.conftest import Service, Submit, points, wait_until, weights_hash

pytestmark = pytest.mark.usefixtures("warm")


def scaled(name: str) -> Manifest:
    manifest: Manifest
    (manifest,) = (item["spec"] for item in SCALED if item["metadata"]["name"] == f"reslab-worker-{name}")
    return manifest


def count(database_url: str, name: str) -> int:
    (trigger,) = scaled(name)["triggers"]
    return answer(database_url, trigger)


def answer(database_url: str, trigger: Manifest) -> int:
    """What KEDA reads: the query's answer to a worker's role, whose secret the trigger names."""
    roles.grant(database_url, {"worker": "secret"})
    with psycopg.connect(libpq(roles.url(database_url, "worker", "secret"))) as connection:
        row = connection.execute(trigger["metadata"]["query"].encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_the_query_counts_the_rows_that_a_job_would_claim(
    submit: Submit, database: Database, database_url: str
) -> None:
    ids = [submit() for _ in range(8)]
    with database.transaction() as session:
        rows = [session.get_one(Run, run_id) for run_id in ids]
        rows[0].queue, rows[1].queue = Queue.gpu, Queue.cpu
        rows[2].devices, rows[5].machines = 2, 2
        rows[4].status = Status.paused
        verbs.cancel(session, ids[3], "ada")
    counts = {name: count(database_url, name) for name in ("gpu", "cpu")}
    with database.transaction() as session:
        assert counts["gpu"] == len(queue.unrung(session, Capacity(Queue.gpu), 10, 0.0)) == 3
        # A run for any queue counts once, for the GPUs.
        assert counts["cpu"] == len(queue.unrung(session, Capacity(Queue.cpu), 10, 0.0)) - 2 == 1


def test_free_slots_take_waiting_runs_unless_they_are_kept_for_a_larger_one(
    submit: Submit, database: Database, database_url: str, tmp_path: Path
) -> None:
    (trigger,) = with_slots(tmp_path)["spec"]["triggers"]
    ids = [submit() for _ in range(6)]
    slots: dict[str, dict[str, Any]] = {
        "free": {},
        "training": {"run_id": ids[0]},
        "kept": {"awaits": ids[1]},
        "draining": {"draining": True},
        "unfit": {"trouble": "The disk is full."},
        "of another device": {"queue": Queue.cpu},
        "alone on its device": {"slots": 1},
        "silent": {"seen_at": datetime.now(UTC) - timedelta(minutes=2)},
    }
    with database.transaction() as session:
        session.get_one(Run, ids[0]).status = Status.running
        for number, (name, fields) in enumerate(slots.items(), start=1):
            slot = {"queue": Queue.gpu, "device": "GPU", "slot": number, "slots": 8, "shared_device": "a/0"}
            session.add(Worker(id=new_id(), name=name, host="a", pid=1, version="0", **slot | fields))
    assert answer(database_url, trigger) == 5 - 1
    with database.transaction() as session:
        session.execute(update(Run).where(Run.id.in_(ids[1:])).values(queue=Queue.cpu))
    assert answer(database_url, trigger) == 0


class Keda:
    """Starts a job for each waiting run that no starting job will take, as the strategy `accurate` does."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.pods: list[subprocess.Popen[bytes]] = []
        container = scaled("cpu")["jobTargetRef"]["template"]["spec"]["containers"][0]
        self._options = container["command"][container["command"].index("run") + 1 :]

    def look(self) -> None:
        with self._service.database.transaction() as session:
            training = session.query(Run).filter(Run.status == Status.running).count()
        pending = sum(pod.poll() is None for pod in self.pods) - training
        for _ in range(count(self._service.settings.database_url, "cpu") - max(pending, 0)):
            self.pods.append(self._service.start_worker(*self._options, "--name", f"pod-{len(self.pods)}"))


@pytest.mark.long
def test_a_lost_and_an_evicted_pod_cost_no_run_and_change_no_bit(service: Service) -> None:
    service.control()
    ids = [service.submit(iterations=160, checkpoint_every=20) for _ in range(3)]
    with service.database.transaction() as session:
        for run_id in ids:
            session.get_one(Run, run_id).queue = Queue.cpu
    keda = Keda(service)

    def halfway(run_id: object) -> bool:
        keda.look()
        return any(run.id == run_id and run.iteration >= 40 for run in map(service.run, ids))

    wait_until(lambda: halfway(ids[0]))
    keda.pods[0].kill()  # with its node
    wait_until(lambda: halfway(ids[1]))
    next(pod for pod in keda.pods[1:] if pod.poll() is None).terminate()  # its node is drained

    def all_ended() -> bool:
        keda.look()
        return all(service.run(run_id).finished_at for run_id in ids)

    wait_until(all_ended, limit_s=120)
    assert [service.run(run_id).status for run_id in ids] == [Status.succeeded] * 3
    assert service.attempt_count() >= 5
    assert [points(service.database, run_id) for run_id in ids] == [list(range(1, 161))] * 3
    assert len({weights_hash(service.database, run_id) for run_id in ids}) == 1
    wait_until(lambda: all(pod.poll() is not None for pod in keda.pods))
    assert {pod.returncode for pod in keda.pods} <= {0, -9}
