"""`python -m benchmarks.queue`: how fast runs are accepted and claimed, and that none is lost or duplicated.

It starts its own PostgreSQL and API, as the local stack does, but with fsync off: it does not measure the disk of a
shared machine. Prints a table for docs/experiments.md.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import httpx
import psutil
import psycopg
from sqlalchemy import func, select, text

from reslab.stack.child import Child, Service
from reslab.stack.home import free_port
from reslab.stack.servers import postgres_server
from store import artifacts, workers
from store.db import schema
from store.db.database import Database, libpq
from store.db.models import Attempt, IdempotencyKey, Run, Worker
from store.people import keys
from store.people.rights import SCOPES
from store.runs import attempts, bell, queue, verbs
from store.runs.states import Status
from store.runs.verbs import Submission
from trainer.events import Saved, Steps
from trainer.plan import plan
from trainer.spec import RunSpec

SPEC = RunSpec(depth=8, shortcut="A", dataset="synthetic", iterations=1)
LEASE_S = 60
# The local stack's PostgreSQL has 60.
CONNECTIONS = 40
CORES = len(os.sched_getaffinity(0))
Row = tuple[str, str, str]


def submission(owner: str) -> Submission:
    return Submission(SPEC, plan(SPEC, classes=10), owner)


def worker(database: Database, name: str) -> Worker:
    with database.transaction() as session:
        row = Worker(name=name, host="here", pid=1, queue="cpu", device="cpu", version="0", draining=False)
        return workers.register(session, row)


def deep_queue(database: Database, rows: int) -> list[Row]:
    """Claims from a long queue with 20 owners and 5 priorities."""
    with database.transaction() as session:
        first, _ = verbs.create(session, submission("owner 0"))
        columns = [column.name for column in Run.__table__.columns if column.name not in ("id", "owner", "priority")]
        listed = ", ".join(columns)
        copies = f"""
            INSERT INTO runs (id, owner, priority, {listed})
            SELECT gen_random_uuid(), 'owner ' || n % 20, n % 5, {listed} FROM runs, generate_series(1, :rows) AS n
            WHERE runs.id = :id"""  # noqa: S608 (column names of our own model)
        session.execute(text("SET LOCAL statement_timeout = 0"))  # a busy machine may take minutes
        session.execute(text(copies), {"rows": rows - 1, "id": first.id})
    with database.transaction() as session:
        session.execute(text("ANALYZE runs"))
    claimer = worker(database, "claimer")

    def claim() -> None:
        with database.transaction() as session:
            assert attempts.claim(session, claimer, LEASE_S)

    def ring() -> None:
        with database.transaction() as session:
            bell.mark(session, LEASE_S)

    def position() -> None:
        with database.transaction() as session:
            assert queue.positions(session, [first])

    with CpuTime(postgres=child("postgres")) as cpu_time:
        claims = milliseconds(claim, 200)
    return [
        (f"claim with {rows:,} queued rows, including its transaction", claims, "10 ms"),
        ("… its CPU time", cpu_time.per(200), "–"),
        (f"finding bells to ring, {rows:,} queued rows", milliseconds(ring, 50), "–"),
        (f"a run's position among {rows:,}", milliseconds(position, 10), "–"),
    ]


class CpuTime:
    """CPU seconds of this process and of others: less affected by a busy machine than wall time."""

    def __init__(self, **others: psutil.Process) -> None:
        self._processes = {"client": psutil.Process()} | others

    def __enter__(self) -> Self:
        self._before = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        now = self._now()
        self._seconds = {name: now[name] - before for name, before in self._before.items()}

    def per(self, count: int) -> str:
        return ", ".join(f"{name} {1000 * seconds / count:.1f} ms" for name, seconds in self._seconds.items())

    def _now(self) -> dict[str, float]:
        return {name: _cpu_s(process) for name, process in self._processes.items()}


def _cpu_s(process: psutil.Process) -> float:
    """Includes PostgreSQL's backends, but not our own running children."""
    times = process.cpu_times()
    own = times.user + times.system + times.children_user + times.children_system
    return own if process.pid == os.getpid() else own + sum(map(_cpu_s, process.children()))


def child(word: str) -> psutil.Process:
    """Our child process with this word in its command line."""
    return next(process for process in psutil.Process().children() if any(word in part for part in process.cmdline()))


def storm(database: Database, claimers: int, instant: int) -> list[Row]:
    """Claimers take runs until none waits, as workers do, and end each immediately.

    There is one process per core: within one process, Python would not claim faster than one thread.
    """
    with database.transaction() as session:
        run_ids = {verbs.create(session, submission(f"owner {number % 7}"))[0].id for number in range(instant)}
    rows = [worker(database, f"worker {number}") for number in range(claimers)]
    began = time.monotonic()
    with CpuTime(postgres=child("postgres")) as cpu_time, ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        shares = pool.map(claim_all, [database.url] * CORES, [rows[core::CORES] for core in range(CORES)])
        claimed_ids = [run_id for share in shares for run_id in share]
    seconds = time.monotonic() - began
    assert sorted(claimed_ids) == sorted(run_ids), "a run was claimed twice or never"
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == instant
        assert session.scalar(select(func.count()).where(Run.status == Status.succeeded)) == instant
    what = f"{claimers} claimers on {instant:,} instant runs, each once"
    return [(what, f"{instant / seconds:.0f} runs/s", "50 runs/s"), ("… CPU time per run", cpu_time.per(instant), "–")]


# The connections of one process: a claimer waits for its turn before it asks for one.
turns = threading.BoundedSemaphore(CONNECTIONS // CORES)


def claim_all(url: str, rows: Sequence[Worker]) -> list[UUID]:
    """Runs the claimers of one process."""
    database = Database(url, pool_size=CONNECTIONS // CORES)
    with ThreadPoolExecutor(len(rows)) as pool:
        run_ids = [run_id for ids in pool.map(lambda row: work(database, row), rows) for run_id in ids]
    database.close()
    return run_ids


def work(database: Database, row: Worker) -> list[UUID]:
    done: list[UUID] = []
    while True:
        with turns, database.transaction() as session:
            claim = attempts.claim(session, row, LEASE_S)
        if claim is None:
            return done
        run_id, attempt = claim.run.id, claim.attempt
        steps = Steps(first=1, loss=[1.0], error=[50.0], lr=[0.1], images_per_s=1)
        saved = Saved(iteration=1, role="weights", format="safetensors", file="w", sha256="0" * 64, size_bytes=1)
        with turns, database.transaction() as session:
            attempts.append(session, run_id, attempt, 1, [steps])
            artifacts.commit(session, attempts.lock(session, run_id, attempt), saved)
            attempts.succeed(session, run_id, attempt)
        done.append(run_id)


def submit(database: Database, url: str, rate: int, seconds: int) -> list[Row]:
    """POSTs at a fixed rate, each with its own key; every tenth request is sent twice."""
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="bench", owner="ann", scopes=SCOPES)
    numbers = iter(range(rate * seconds))
    lock = threading.Lock()
    took_ms: list[float] = []
    accepted: dict[str, set[str]] = {}
    began = time.monotonic()

    def post_in_turn() -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                key = str(uuid4())
                for _ in range(2 if number % 10 == 0 else 1):
                    sent_at = time.monotonic()
                    response = client.post("/api/v1/runs", json=BODY, headers={"Idempotency-Key": key})
                    took_ms.append(1000 * (time.monotonic() - sent_at))
                    assert response.status_code in (200, 201), response.text
                    accepted.setdefault(key, set()).add(response.json()["id"])

    with CpuTime(postgres=child("postgres"), api=child("api")) as cpu_time, ThreadPoolExecutor(16) as pool:
        for posting in [pool.submit(post_in_turn) for _ in range(16)]:
            posting.result()
    seconds_passed = time.monotonic() - began
    ids = {run_id for ids in accepted.values() for run_id in ids}
    assert len(ids) == len(accepted) == rate * seconds, "one key created two runs, or two keys one run"
    with database.transaction() as session:
        stored_ids = set(map(str, session.scalars(select(IdempotencyKey.run_id))))
        assert stored_ids == ids, "an accepted run is lost"
    what = f"{len(ids):,} runs accepted at {rate}/s, none lost, none duplicated"
    return [
        (what, f"{len(ids) / seconds_passed:.0f}/s, {spread(took_ms)}", f"{rate}/s"),
        ("… CPU time per POST", cpu_time.per(len(took_ms)), "–"),
    ]


BODY = {"spec": {"depth": 20, "shortcut": "A", "dataset": "digits"}}


def milliseconds(verb: Callable[[], None], times: int) -> str:
    took = []
    for _ in range(times):
        began = time.monotonic()
        verb()
        took.append(1000 * (time.monotonic() - began))
    return spread(took)


def spread(took_ms: list[float]) -> str:
    ordered = sorted(took_ms)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms (n = {len(ordered)})"


@contextmanager
def empty_database(url: str) -> Iterator[Database]:
    """A new, migrated database."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    database_url = f"{url.rpartition('/')[0]}/{name}"
    schema.upgrade(database_url)
    database = Database(database_url, pool_size=CONNECTIONS)
    yield database
    database.close()


@contextmanager
def api(database: Database, folder: Path) -> Iterator[str]:
    port = free_port()
    variables = {"RESLAB_DATABASE_URL": database.url, "RESLAB_STORAGE_URL": f"file://{folder}/objects"}
    argv = (sys.executable, "-P", "-m", "api", "--port", str(port))
    child = Child(Service(name="api", argv=argv, log=folder / "api.log", environment=os.environ | variables))
    url = f"http://127.0.0.1:{port}"
    try:
        while not answers(url):
            assert child.exit_code() is None, child.obituary()
            time.sleep(0.05)
        yield url
    finally:
        child.stop()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows in the long queue (%(default)s)")
    parser.add_argument("--seconds", type=int, default=30, help="seconds of submitting (%(default)s)")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="reslab-bench-") as folder, postgres_server(Path(folder)) as server:
        with empty_database(server) as database, api(database, Path(folder)) as url:
            rows += submit(database, url, rate=100, seconds=options.seconds)
        with empty_database(server) as database:
            rows += storm(database, claimers=200, instant=1000)
        with empty_database(server) as database:
            rows += deep_queue(database, options.rows)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, commit {commit.stdout.strip()}\n"
    )
    print("| what | measured | goal |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
