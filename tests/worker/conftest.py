"""Control and workers as real processes, runs for them, and waiting with a limit."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from sqlalchemy import func, select

from store import artifacts, workers
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Attempt, Run, StepChunk, Worker
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.states import Status
from store.runs.verbs import Submission
from tests.warm import WARM_CHILDREN
from trainer.plan import plan
from trainer.spec import RunSpec
from worker.device import Device
from worker.workbench import Workbench

TINY_WORKER = """
import logging, sys
from store.db.settings import Settings
from worker import run
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
from datetime import datetime
from worker.batch import Batch
until = {until!r} and datetime.fromisoformat({until!r})
sys.exit(run.run(Settings(), run.WorkerOptions("tiny", "cpu", trainer={trainer}, batch={batch}, until=until or None)))
"""
TINY = Path(__file__).parent / "tiny_trainer.py"

# The synthetic data set and the smallest network: a few milliseconds per iteration.
SMALL = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "batch_size": 8, "train_images": 1980}


def wait_until(condition: Callable[[], object], limit_s: float = 120) -> None:
    """Fails the test if `condition` does not become true within `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not become true within {limit_s} s"
        time.sleep(0.02)


@dataclass
class Service:
    """The processes of one test. The fixture kills each of them, with its children, at the end."""

    settings: Settings
    database: Database
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def submit(self, machines: int = 1, **fields: Any) -> UUID:
        spec = RunSpec.model_validate(SMALL | fields)
        submission = Submission(spec=spec, plan=plan(spec, 10), owner="ada", machines=machines)
        with self.database.transaction() as session:
            return verbs.create(session, submission)[0].id

    def run(self, run_id: UUID) -> Run:
        with self.database.transaction() as session:
            return verbs.get(session, run_id)

    def wait_for(self, run_id: UUID, *statuses: Status, limit_s: float = 240) -> Run:
        """The run, once it has one of these states. Fails immediately if it ends in another one."""
        deadline = time.monotonic() + limit_s
        while (run := self.run(run_id)).status not in statuses:
            assert run.finished_at is None, f"{run.status}: {run.reason}: {run.message}"
            assert time.monotonic() < deadline, f"still {run.status} at iteration {run.iteration}"
            time.sleep(0.05)
        return run

    def control(self) -> subprocess.Popen[bytes]:
        return self._start("-m", "worker", "control")

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start_worker("--device", "cpu")

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        return self._start("-m", "worker", "run", "--threads", "1", *options)

    def tiny_worker(
        self, fault: str = "none", batch: str = "None", until: datetime | None = None
    ) -> subprocess.Popen[bytes]:
        """The real worker with the tiny trainer. `batch`: an expression, as of `Batch(once=True)`."""
        trainer = (sys.executable, str(TINY), fault)
        at = until.isoformat() if until else ""
        return self._start("-c", TINY_WORKER.format(trainer=trainer, batch=batch, until=at))

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        variables = {
            "RESLAB_DATABASE_URL": self.settings.database_url,
            "RESLAB_BROKER_URL": self.settings.broker_url,
            "RESLAB_STORAGE_URL": self.settings.storage_url,
            "RESLAB_DATA": str(self.settings.data),
            "RESLAB_WORK": str(self.settings.work),
            "RESLAB_LEASE_S": str(self.settings.lease_s),
            "RESLAB_HEARTBEAT_S": str(self.settings.heartbeat_s),
            WARM_CHILDREN: "1",
        }
        with (self.folder / f"{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments], env={**os.environ, **variables}, stdout=log, stderr=subprocess.STDOUT
            )
        self.started.append(process)
        return process

    def attempt_count(self) -> int:
        with self.database.transaction() as session:
            return session.scalar(select(func.count()).select_from(Attempt)) or 0

    def logs(self) -> str:
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))


@pytest.fixture
def service(settings: Settings, broker_url: str, database: Database, tmp_path: Path) -> Iterator[Service]:
    folder = tmp_path / "logs"
    folder.mkdir()
    running = Service(settings.model_copy(update={"broker_url": broker_url}), database, folder)
    yield running
    for process in running.started:
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        psutil.wait_procs(children, timeout=60)
    print(running.logs())  # shown if the test fails


def trainers_of(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The worker's children that lead a session of their own: not what they are forked from (tests/warm.py)."""
    return [child for child in psutil.Process(worker.pid).children() if _leads(child.pid)]


def _leads(pid: int) -> bool:
    with suppress(ProcessLookupError):  # it has just ended
        return os.getsid(pid) == pid
    return False


def weights_hash(database: Database, run_id: UUID) -> str:
    with database.transaction() as session:
        run = verbs.get(session, run_id)
        return artifacts.weights(session, run, "last", "safetensors").sha256


def points(database: Database, run_id: UUID) -> list[int]:
    """The iterations of the curve, in order."""
    with database.transaction() as session:
        chunks = session.scalars(select(StepChunk).where(StepChunk.run_id == run_id).order_by(StepChunk.first))
        return [chunk.first + i * chunk.every for chunk in chunks for i in range(chunk.count)]


Submit = Callable[..., UUID]
NewBench = Callable[..., Workbench]


@pytest.fixture
def submit(settings: Settings, database: Database, tmp_path: Path) -> Submit:
    return Service(settings, database, tmp_path).submit


@pytest.fixture
def new_bench(settings: Settings, database: Database, objects: Objects, tmp_path: Path) -> NewBench:
    """Makes workbenches of registered workers in this process, each with the tiny trainer and a fault."""
    program = tmp_path / TINY.name
    shutil.copy(TINY, program)

    def make(fault: str = "none", **changes: Any) -> Workbench:
        workbench = Workbench(
            settings=settings.model_copy(update={"heartbeat_s": 0.2} | changes),
            database=database,
            objects=objects,
            device=Device("cpu", "a test CPU", "cpu"),
            worker_id=new_id(),
            worker_name=f"worker {fault}",
            trainer=(sys.executable, str(program), fault),
        )
        with database.transaction() as session:
            workers.register(session, worker_row(workbench))
        return workbench

    return make


def worker_row(workbench: Workbench) -> Worker:
    return Worker(
        id=workbench.worker_id, name=workbench.worker_name, host="here", pid=1, queue="cpu", device="cpu", version="0"
    )


def claim(workbench: Workbench) -> Claim:
    with workbench.database.transaction() as session:
        claim = attempts.claim(session, worker_row(workbench), workbench.settings.lease_s)
    assert claim is not None
    return claim
