"""A service for benchmarks: runs written with the worker's verbs, and an API that serves them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import numpy as np
import psutil
import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from reslab.stack.home import free_port
from store import workers
from store.db import schema
from store.db.database import Database, libpq
from store.db.models import Worker
from store.people import keys
from store.people.rights import SCOPES
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.verbs import Submission
from trainer.events import Steps
from trainer.plan import plan
from trainer.spec import RunSpec

BATCH = 1000
Result = TypeVar("Result")


class RecordedService:
    """A migrated database, a worker that writes, and a key for reading."""

    def __init__(self, url: str, folder: Path) -> None:
        schema.upgrade(url)
        self.database, self.url, self.folder = Database(url), url, folder
        row = Worker(name="bench", host="here", pid=os.getpid(), queue="cpu", device="cpu", version="0")
        self._worker = self.transaction(lambda session: workers.register(session, row))
        self.token = keys.new_token()
        self.transaction(lambda session: keys.create(session, self.token, name="b", owner="b", scopes=SCOPES))

    def transaction(self, verb: Callable[[Session], Result]) -> Result:
        with self.database.transaction() as session:
            return verb(session)

    def claim(self, iterations: int, shortcut: str = "A") -> Claim:
        fields = {"depth": 20, "shortcut": shortcut, "dataset": "cifar10", "iterations": iterations}
        spec = RunSpec.model_validate(fields)
        self.transaction(lambda session: verbs.create(session, Submission(spec, plan(spec, 10), "bench")))
        claim = self.transaction(lambda session: attempts.claim(session, self._worker, 3600))
        assert claim is not None
        return claim

    def append(self, claim: Claim, number: int, steps: Steps) -> None:
        self.transaction(lambda session: attempts.append(session, claim.run.id, claim.attempt, number, [steps]))

    def train(self, iterations: int, shortcut: str = "A") -> UUID:
        """Creates a run with this many iterations that has ended."""
        claim = self.claim(iterations, shortcut)
        for number, steps in enumerate(batches(iterations, seed=claim.run.id.int % 2**32), start=1):
            self.append(claim, number, steps)
        self.transaction(
            lambda session: attempts.fail(session, claim.run.id, claim.attempt, "internal", "the benchmark ended it")
        )
        return claim.run.id

    def scalar(self, query: str, **parameters: Any) -> Any:
        return self.transaction(lambda session: session.execute(text(query), parameters).scalar())

    def execute(self, statement: str) -> None:
        """Runs a statement outside a transaction, as some require."""
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            connection.execute(statement.encode())

    def used_s(self) -> tuple[float, float]:
        """CPU seconds so far of the API, and of Postgres with all open connections."""
        server = psutil.Process(self.scalar("SELECT pg_backend_pid()")).parent()
        assert server is not None
        return cpu_s(self._api), sum(map(cpu_s, [server, *server.children()]))

    @contextmanager
    def serve(self) -> Iterator[httpx.Client]:
        """The API as deployed: one process."""
        port = free_port()
        environment = os.environ | {
            "RESLAB_DATABASE_URL": self.url,
            "RESLAB_STORAGE_URL": f"file://{self.folder.absolute()}/objects",
        }
        with (self.folder / "api.log").open("w") as log:
            command = [sys.executable, "-m", "api", "--port", str(port)]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._api = psutil.Process(process.pid)
        try:
            headers = {"Authorization": f"Bearer {self.token}"}
            limits = httpx.Limits(max_connections=16)
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=120, limits=limits
            ) as client:
                _wait(client)
                yield client
        finally:
            process.terminate()
            process.wait(30)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def batches(iterations: int, seed: int = 0) -> Iterator[Steps]:
    """A falling loss with mini-batch noise, a matching error, and the paper's two learning-rate drops."""
    chance = np.random.default_rng(seed)
    for first in range(1, iterations + 1, BATCH):
        at = np.arange(first, min(first + BATCH, iterations + 1))
        level = 2.3 * np.exp(-4 * at / iterations) + 0.02
        loss = (level * chance.lognormal(0, 0.25, len(at))).astype(np.float32)
        error = 100 * chance.binomial(128, np.clip(level / 2.6, 0.002, 0.9)) / 128
        lr = 0.1 * 0.1 ** np.searchsorted([iterations // 2, 3 * iterations // 4], at)
        yield Steps(first=first, loss=loss.tolist(), error=error.tolist(), lr=lr.tolist(), images_per_s=4000)


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if client.get(client.base_url.copy_with(path="/readyz")).is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the API did not start"
        time.sleep(0.1)
