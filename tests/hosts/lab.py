"""The whole service on five hosts, set up with the lines of docs/deployment.md, and what a test does to them.

`database` has PostgreSQL and Valkey, `objects` SeaweedFS, `front` api and control, `alpha` and `beta` a worker each.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
from sqlalchemy import select

from reslab.client import Client
from store import artifacts
from store.db.database import Database, libpq
from store.db.models import Attempt, Run, Worker
from store.db.objects import Objects
from tests.faults import check, snapshot
from tests.faults.chain_trainer import Order
from tests.faults.check import Oracle
from tests.faults.snapshot import Call, Row, Snapshot
from tests.faults.stack import SPEC
from tests.hosts import page
from tests.hosts.host import Host
from tests.hosts.switch import Switch
from tests.hosts.waiting import wait_until

# Shorter than the 10 s after which a connection that was cut is given up (store/db/database.py).
LEASE_S, HEARTBEAT_S = 8.0, 1.5
WORKERS = ("alpha", "beta")
Spec = Mapping[str, Any]
CHAIN: Spec = {"iterations": 300, "checkpoint_every": 50, "evaluate_every": 150}
# In the place of Python on a host: the worker's own command line, with tests/hosts/trainer.py. One thread, because runs
# on one host and on two are equal only with as many threads in each process.
PYTHON = """#!{python} -P
import os, sys
from functools import partial
if sys.argv[1:4] != ["-m", "worker", "run"]:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
from worker import __main__, run
run.WorkerOptions = partial(run.WorkerOptions, trainer=({python!r}, "-P", {trainer!r}, "/srv/orders"))
sys.exit(__main__.main([*sys.argv[3:], "--threads", "1"]))
"""


@dataclass
class Lab:
    hosts: dict[str, Host]
    switch: Switch
    passwords: dict[str, str]
    _seeds: "count[int]" = field(default_factory=lambda: count(1))
    _calls: list[Call] = field(default_factory=list)
    token: str = field(init=False)
    client: Client = field(init=False)
    database: Database = field(init=False)
    objects: Objects = field(init=False)

    # What users do

    def submit(self, spec: Spec = CHAIN, *, iteration_s: float = 0.02, machines: int = 1, **fields: Any) -> UUID:
        """A run of the chain trainer, at this pace, unless `spec` names another data set."""
        seed = next(self._seeds)
        for name in WORKERS:
            Order(iteration_s=iteration_s).give(self.hosts[name].srv / "orders", seed)
        key = str(uuid4())
        run_id = self.client.submit({**SPEC, "seed": seed, **spec, **fields}, key, machines=machines).id
        self._calls.append(Call("submit", 201, run_id, key))
        return UUID(run_id)

    def run(self, run_id: UUID) -> Run:
        with self.database.transaction() as session:
            return session.get_one(Run, run_id)

    def worker_of(self, run_id: UUID, past: int = 0) -> str:
        """The host of the run's worker, once the run is past iteration `past`."""
        wait_until(lambda: self.run(run_id).iteration > past)
        with self.database.transaction() as session:
            return session.scalars(select(Worker.host).where(Worker.run_id == run_id)).one()

    def wait_for_success(self, run_id: UUID) -> None:
        wait_until(lambda: self.run(run_id).finished_at)
        run = self.run(run_id)
        assert run.status == "succeeded", f"{run.reason}: {run.message}"

    def hosts_of(self, run_id: UUID) -> list[str]:
        """The hosts of its attempts, in order. (A worker has its host's name.)"""
        query = select(Attempt.worker).where(Attempt.run_id == run_id).order_by(Attempt.number)
        with self.database.transaction() as session:
            return list(session.scalars(query))

    def last_checkpoint(self, run_id: UUID) -> int:
        """The iteration of the newest checkpoint; 0 without one."""
        with self.database.transaction() as session:
            checkpoint = artifacts.latest(session, run_id, "checkpoint")
        return checkpoint.iteration if checkpoint else 0

    # What happens to hosts

    def start(self, part: str, host: str) -> None:
        """Starts a part that has a heading on the page (API, Control, Worker) on a host."""
        script = "\n".join(page.lines(heading, self.hosts[host].prefix) for heading in ("Every process", part))
        self.hosts[host].run(part.lower(), script, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """What the page leaves to its reader, passwords and a path to Python; and the tests' short lease."""
        return self.passwords | {
            "PATH": f"/srv/bin:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "OMP_WAIT_POLICY": "PASSIVE",
            "OMP_NUM_THREADS": "1",
            "RESLAB_LEASE_S": str(LEASE_S),
            "RESLAB_HEARTBEAT_S": str(HEARTBEAT_S),
        }

    def restore(self) -> None:
        """All lines are whole, and each worker's host runs."""
        self.switch.mend()
        for name in WORKERS:
            if not self.hosts[name].is_on:
                self.hosts[name].start()
                self.start("Worker", name)
        wait_until(lambda: self.living_workers() == list(WORKERS))

    def trainers(self, host: str) -> list[psutil.Process]:
        """The trainer that the host's worker has, if any."""
        return self.hosts[host].process("worker").children()

    def living_workers(self) -> list[str]:
        """The hosts of the workers that have sent a heartbeat within a lease, as the workers' page shows them."""
        return sorted(worker.host for worker in self.client.workers() if worker.alive)

    # What a test looks at

    def violations(self) -> list[str]:
        """What the checker finds in all rows and objects, once no worker has a run."""
        wait_until(self._is_quiet)
        with psycopg.connect(libpq(self.database.url)) as connection:
            tables = snapshot.tables(connection)
        history = Snapshot(tables, self._calls, snapshot.hashes(self.objects, tables["artifacts"]))
        return [str(violation) for violation in check.in_the_end(history, _oracle(history))]

    def logs(self) -> str:
        return "\n".join(host.logs() for host in self.hosts.values())

    def _is_quiet(self) -> bool:
        with self.database.transaction() as session:
            return not session.scalar(select(Worker.id).where(Worker.run_id.is_not(None)).limit(1))


def _oracle(history: Snapshot) -> Oracle:
    """Chains are computed. Runs of the real trainer must equal the first one with as many devices."""
    losses: dict[int, list[float]] = {}
    weights: dict[tuple[int, int], str] = {}
    for run in sorted(history.rows("runs"), key=lambda run: str(run["created_at"])):
        chunks = sorted(history.rows("step_chunks", run["id"]), key=lambda chunk: int(chunk["first"]))
        if not _is_chain(run):
            losses.setdefault(run["spec"]["devices"], [loss for chunk in chunks for loss in chunk["loss"]])
            for row in history.rows("artifacts", run["id"]):
                if (row["role"], row["format"]) == ("weights", "safetensors"):
                    weights.setdefault((run["spec"]["devices"], row["iteration"]), row["sha256"])
    chain = check.CHAIN.weights_sha256
    assert chain is not None
    return Oracle(
        lambda run: check.CHAIN.losses(run) if _is_chain(run) else losses[run["spec"]["devices"]],
        lambda run, iteration: chain(run, iteration) if _is_chain(run) else weights[run["spec"]["devices"], iteration],
    )


def _is_chain(run: Row) -> bool:
    return bool(run["spec"]["dataset"] == "synthetic")
