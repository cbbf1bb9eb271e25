"""Workers as rows: a dead one's run goes back to the queue at once, and its owner can't write any more."""

import os
import socket
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from store import workers
from store.db.database import Database
from store.db.errors import LeaseLost
from store.db.models import Run, Worker
from store.runs import attempts
from store.runs.states import Queue, Status
from tests.store.conftest import LEASE_S, claim, new_worker


def test_a_worker_that_is_started_again_replaces_the_row_of_its_killed_process(database: Database) -> None:
    pids = {"killed": 2**22 + 1, "alive": os.getpid()}  # the first is larger than any of Linux
    with database.transaction() as session:
        for pid in pids.values():
            workers.register(session, here("worker-1", pid))
        workers.register(session, here("worker-2", pids["killed"]))
    with database.transaction() as session:
        workers.register(session, here("worker-1", pids["alive"]))
        rows = [(row.name, row.pid) for row, _ in workers.list_all(session, LEASE_S)]
    assert rows == [("worker-1", pids["alive"]), ("worker-1", pids["alive"]), ("worker-2", pids["killed"])]


def test_a_process_that_has_ended_is_gone_before_anybody_asks_how_it_ended() -> None:
    process = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # from here on it is what ps calls a zombie
    started_at = datetime.now(UTC)
    pids = (process.pid, os.getpid())
    gone = [workers.is_gone(Worker(host=socket.gethostname(), pid=pid, started_at=started_at)) for pid in pids]
    process.wait()
    assert gone == [True, False]


def here(name: str, pid: int) -> Worker:
    return Worker(name=name, host=socket.gethostname(), pid=pid, queue=Queue.cpu, device="cpu", version="0")


def test_burying_a_dead_worker_returns_only_its_run_and_fences_its_owner(
    database: Database, submit: Callable[..., Run], worker: Worker
) -> None:
    dead_run, live_run = submit(seed=0), submit(seed=1)
    dead, live = claim(database, worker), claim(database, new_worker(database, "two"))
    with database.transaction() as session:
        returned = workers.bury(session, lambda worker: worker.name == "one", "the service was stopped")
        assert returned == [dead_run.id]
        assert [worker.name for worker in workers.alive(session, LEASE_S)] == ["two"]
        runs = [session.get_one(Run, run.id) for run in (dead_run, live_run)]
        assert [(run.status, run.failures) for run in runs] == [(Status.queued, 0), (Status.running, 0)]
    with database.transaction() as session:
        attempts.beat(session, live_run.id, live.attempt, LEASE_S)
        with pytest.raises(LeaseLost):
            attempts.beat(session, dead_run.id, dead.attempt, LEASE_S)
