"""Runs written through the verbs of a worker, and an API that serves them: what benchmarks measure on."""

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
from store import keys, workers
from store.db import schema
from store.db.database import Database, libpq
from store.db.models import Worker
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.verbs import Submission
from trainer.events import Steps
from trainer.plan import plan
from trainer.spec import RunSpec

BATCH = 1000
Answer = TypeVar("Answer")


class Recorded:
    """A migrated database, a worker to write as, and a key to read with."""

    def __init__(self, url: str, folder: Path) -> None:
        schema.upgrade(url)
        self.database, self.url, self.folder = Database(url), url, folder
        me = Worker(name="bench", host="here", pid=os.getpid(), queue="cpu", device="cpu", version="0")
        self._worker = self.transacted(lambda session: workers.register(session, me))
        self.token = keys.new_token()
        self.transacted(lambda session: keys.create(session, self.token, name="b", owner="b", scopes=keys.SCOPES))

    def transacted(self, verb: Callable[[Session], Answer]) -> Answer:
        with self.database.transaction() as session:
            return verb(session)

    def claim(self, iterations: int) -> Claim:
        spec = RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10", "iterations": iterations})
        self.transacted(lambda session: verbs.create(session, Submission(spec, plan(spec, 10), "bench")))
        claimed = self.transacted(lambda session: attempts.claim(session, self._worker, 3600))
        assert claimed is not None
        return claimed

    def append(self, held: Claim, number: int, steps: Steps) -> None:
        self.transacted(lambda session: attempts.append(session, held.run.id, held.attempt, number, [steps]))

    def trained(self, iterations: int) -> UUID:
        """A run of so many iterations that has ended."""
        held = self.claim(iterations)
        for number, steps in enumerate(batches(iterations, seed=held.run.id.int % 2**32), start=1):
            self.append(held, number, steps)
        self.transacted(lambda session: attempts.fail(session, held.run.id, held.attempt, "internal", "it ends here"))
        return held.run.id

    def scalar(self, query: str, **parameters: Any) -> Any:
        return self.transacted(lambda session: session.execute(text(query), parameters).scalar())

    def alone(self, statement: str) -> None:
        """One of those that Postgres runs outside of transactions only."""
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            connection.execute(statement.encode())

    def used_s(self) -> tuple[float, float]:
        """CPU seconds so far of the API that is served, and of Postgres with all connections that are open."""
        server = psutil.Process(self.scalar("SELECT pg_backend_pid()")).parent()
        assert server is not None
        return cpu_s(self._api), sum(map(cpu_s, [server, *server.children()]))

    @contextmanager
    def served(self) -> Iterator[httpx.Client]:
        """The API as it is deployed: one process."""
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
    """A loss that falls with the noise of a mini-batch, its error, and the paper's two drops."""
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
            if client.get("/runs", params={"limit": 1}).is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the api did not start"
        time.sleep(0.1)
