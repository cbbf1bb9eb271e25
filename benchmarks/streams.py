"""Live streams under load: many readers of a few runs, cut off again and again; counts lost, duplicate, late events.

`make bench-streams` on an idle machine: a real API and PostgreSQL, batches written with the workers' own verb, and
readers on raw sockets that check every id. Prints a Markdown table for docs/experiments.md.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import uvloop

from reslab.stack.home import free_port
from reslab.stack.servers import postgres_server
from store import workers
from store.db import schema
from store.db.database import Database
from store.db.models import Run, Worker
from store.people import keys
from store.runs import attempts, verbs
from trainer.events import Steps
from trainer.plan import plan
from trainer.spec import RunSpec

RUNS, WRITERS = 10, 2
POINTS = 10
CUT_EVERY_S = 10.0
CUT_PART = 0.1
LEASE_S = 3600.0
# This share of the readers measures the lag of every event; all readers check every id.
TIMED_PART = 0.05
SETTLE_S = 60.0
IDS = re.compile(rb"^id: (\d+)$", re.MULTILINE)
TIMES = re.compile(rb'"at":"([^"]+)"')


@dataclass
class Count:
    """Totals over all readers."""

    received: int = 0
    lost: int = 0
    duplicates: int = 0
    cuts: int = 0
    rereads: int = 0
    lags_s: list[float] = field(default_factory=list)


class Reader(asyncio.Protocol):
    """One client of one run's stream. Reads whole messages and expects consecutive ids."""

    def __init__(self, count: Count, host: tuple[str, int], request: str, is_timed: bool) -> None:
        self._count, self._host, self._request, self._is_timed = count, host, request, is_timed
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.last = 0

    async def connect(self) -> None:
        self._rest = b""
        self._transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, *self._host)
        self._transport.write(f"{self._request}Last-Event-ID: {self.last}\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        for digits in IDS.findall(whole):
            seq = int(digits)
            self._count.received += 1
            self._count.duplicates += seq <= self.last
            self._count.lost += max(seq - self.last - 1, 0)
            self.last = max(seq, self.last)
        self._count.rereads += whole.count(b"event: reread")
        if self._is_timed:
            self._count.lags_s += [now - datetime.fromisoformat(at.decode()).timestamp() for at in TIMES.findall(whole)]

    async def cut(self) -> None:
        assert self._transport is not None
        self._transport.abort()
        self._count.cuts += 1
        await self.connect()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100, help="batches per second, over all runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server(Path(folder)) as url:
        schema.upgrade(url)
        database = Database(url)
        claims, token = prepare(database)
        with api(url, Path(folder), token) as (process, port):
            uvloop.run(measure(options, url, claims, token, process, port, database))
        database.close()


def prepare(database: Database) -> tuple[list[tuple[UUID, int]], str]:
    """Starts ten runs. Returns their ids with their attempts, and an API key."""
    spec = RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10"})
    token = keys.new_token()
    claims = []
    with database.transaction() as session:
        keys.create(session, token, name="bench", owner="bench", scopes=("read",))
        for _ in range(RUNS):
            verbs.create(session, verbs.Submission(spec=spec, plan=plan(spec, 10), owner="bench"))
    for number in range(RUNS):
        with database.transaction() as session:
            worker = workers.register(
                session, Worker(name=f"w{number}", host="here", pid=1, queue="cpu", device="cpu", version="0")
            )
        with database.transaction() as session:
            claim = attempts.claim(session, worker, LEASE_S)
            assert claim is not None
            claims.append((claim.run.id, claim.attempt))
    return claims, token


@contextmanager
def api(url: str, folder: Path, token: str) -> Iterator[tuple[psutil.Process, int]]:
    port = free_port()
    environment = os.environ | {"RESLAB_DATABASE_URL": url, "RESLAB_STORAGE_URL": f"file://{folder}/objects"}
    with (folder / "api.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "api", "--port", str(port)], env=environment, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while not _is_ready(f"http://127.0.0.1:{port}", token):
            assert time.monotonic() < deadline, (folder / "api.log").read_text()
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(url: str, token: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/runs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    except httpx.TransportError:
        return False


def write(url: str, claims: list[tuple[UUID, int]], lasting_s: float, every_s: float, ready: Barrier) -> None:
    """A writer's process: appends batches of steps to its runs in turn, at its rate or as fast as possible."""
    database = Database(url)
    ready.wait()
    began, number = time.monotonic(), 0
    while time.monotonic() < began + lasting_s:
        time.sleep(max(began + number * every_s - time.monotonic(), 0))
        run_id, attempt = claims[number % len(claims)]
        batch = number // len(claims) + 1
        steps = Steps(
            first=(batch - 1) * POINTS + 1,
            loss=[0.5] * POINTS,
            error=[50.0] * POINTS,
            lr=[0.1] * POINTS,
            images_per_s=100,
        )
        with database.transaction() as session:
            attempts.append(session, run_id, attempt, batch, [steps])
        number += 1
    database.close()


async def measure(
    options: argparse.Namespace,
    url: str,
    claims: list[tuple[UUID, int]],
    token: str,
    process: psutil.Process,
    port: int,
    database: Database,
) -> None:
    count, chance = Count(), random.Random(0)  # noqa: S311
    readers = []
    for number in range(options.clients):
        run_id = claims[number % RUNS][0]
        request = (
            f"GET /api/v1/runs/{run_id}/events HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {token}\r\n"
        )
        reader = Reader(count, ("127.0.0.1", port), request, number < options.clients * TIMED_PART)
        readers.append(reader)
        await reader.connect()
    while not all(reader.last for reader in readers):  # until every reader has received the first events
        await asyncio.sleep(0.1)
    with database.transaction() as session:
        before = sum(session.get_one(Run, run_id).last_seq for run_id, _ in claims)
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(WRITERS + 1)
    writers = [
        spawn.Process(
            target=write, args=(url, claims[part::WRITERS], options.minutes * 60, WRITERS / options.rate, ready)
        )
        for part in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    await asyncio.to_thread(ready.wait)
    count.lags_s.clear()  # drop the lags of events from before the measurement
    began, used = time.monotonic(), process.cpu_times()
    most_bytes, next_cut = 0, time.monotonic() + CUT_EVERY_S
    while any(writer.is_alive() for writer in writers):
        await asyncio.sleep(0.5)
        most_bytes = max(most_bytes, process.memory_info().rss)
        if time.monotonic() > next_cut:
            next_cut += CUT_EVERY_S
            await asyncio.gather(*(reader.cut() for reader in chance.sample(readers, int(CUT_PART * len(readers)))))
    seconds, busy = time.monotonic() - began, process.cpu_times()
    with database.transaction() as session:
        ends = {run_id: session.get_one(Run, run_id).last_seq for run_id, _ in claims}
    last_ids = [ends[claims[number % RUNS][0]] for number in range(options.clients)]
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline and any(r.last < end for r, end in zip(readers, last_ids, strict=True)):
        await asyncio.sleep(0.1)
    missing = sum(max(end - reader.last, 0) for reader, end in zip(readers, last_ids, strict=True))
    cuts = statistics.quantiles(count.lags_s, n=100)
    rate = (sum(ends.values()) - before) / seconds
    cpu = (busy.user + busy.system - used.user - used.system) / seconds
    print(f"{options.clients} clients on {RUNS} runs, {seconds:.0f} s, {rate:.0f} batches/s, {count.cuts} cuts\n")
    print("| what | measured | goal |\n|---|---|---|")
    print(f"| events delivered | {count.received} ({count.received / seconds:.0f}/s) | |")
    print(f"| lost | {count.lost + missing} | 0 |")
    print(f"| duplicates | {count.duplicates} | 0 |")
    print(f"| reread requests | {count.rereads} | |")
    print(
        f"| commit to client, n = {len(count.lags_s)} | median {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms,"
        f" p99 {cuts[98] * 1000:.0f} ms, max {max(count.lags_s) * 1000:.0f} ms | p95 250 ms |"
    )
    print(f"| the API's memory (RSS), maximum | {most_bytes / 1e6:.0f} MB | 300 MB |")
    print(f"| the API's share of a core | {cpu:.2f} | |")


if __name__ == "__main__":
    main()
