"""Curves at the paper's scale, compared with MLflow's tracking server on the same machine, one after the other.

`make bench-curves`; `--short` makes every part smaller, to check that it runs. Prints Markdown tables for
docs/experiments.md; the goals are the project's own.
"""

import argparse
import base64
import json
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import psutil
from sqlalchemy import text

from benchmarks import mlflow_server
from benchmarks.recorded import BATCH, RecordedService, batches, cpu_s
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server
from store.db.database import libpq

Row = tuple[str, str, str]
HISTORY = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves")
    parser.add_argument("--short", action="store_true", help="a tenth of everything")
    parser.add_argument("--parts", default="peer,read,disk,list,growth")
    options = parser.parse_args()
    part = 10 if options.short else 1
    print(f"{platform.machine()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f} at the start\n")
    parts: dict[str, Callable[[RecordedService, int], list[Row]]] = {
        "peer": compare_mlflow, "read": reading, "disk": disk, "list": listing, "growth": growth,
    }  # fmt: skip
    print("| what | measured | goal |\n|---|---|---|")
    for name in options.parts.split(","):
        with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as temporary:
            folder = Path(temporary)
            folder.chmod(0o755)  # PostgreSQL's own user must be able to enter
            with postgres_server(folder, durable=True) as url:
                for row in parts[name](RecordedService(url, folder), part):
                    print("| " + " | ".join(row) + " |", flush=True)


def compare_mlflow(service: RecordedService, part: int) -> list[Row]:
    """Ingest and full history, the same for all three. For MLflow, each value of a point is a row."""
    mlflow_server.install()
    service.execute("CREATE DATABASE mlflow")
    server = libpq(service.url).rpartition("/")[0]
    stores = {"SQLite": f"sqlite:///{service.folder}/mlflow.db", "PostgreSQL": f"{server}/mlflow"}
    values_per_s, cores = _ingest(service, 200 // part)
    run = service.train(HISTORY)
    with service.serve() as client:
        history_s = median(_time(lambda: _whole(client, run)) for _ in range(5))
    rows = [
        ("ingest, one client, batches of 1,000 iterations", _rates(values_per_s), ""),
        ("… per core used by client and Postgres", _rates(values_per_s / cores), "≥ 100,000"),
        (f"full history of {HISTORY:,} points", f"{1000 * history_s:.0f} ms", ""),
    ]
    for name, store in stores.items():
        with mlflow_server.serve(store, service.folder) as client:
            theirs = mlflow_server.new_run(client)
            log = partial(mlflow_server.log_batch, client, theirs)
            took = sum(_time(partial(log, first, BATCH)) for first in range(1, HISTORY, BATCH))
            read_s = median(_time(partial(mlflow_server.history, client, theirs)) for _ in range(3))
            rate = HISTORY / took
            rows += [
                (f"MLflow {mlflow_server.VERSION}, {name}: ingest", f"{rate:,.0f} rows/s", ""),
                ("… Reslab is faster by", f"**{values_per_s / rate:.0f} ×**", "≥ 50 ×"),
                (f"MLflow, {name}: full history", f"{1000 * read_s:.0f} ms", ""),
                ("… Reslab is faster by", f"**{read_s / history_s:.0f} ×**", "≥ 50 ×"),
            ]
    return rows


def _ingest(service: RecordedService, count: int) -> tuple[float, float]:
    """Values per second of wall time, and how many cores the client and the server used."""
    claim = service.claim(BATCH * count)
    steps_of_batch = list(batches(BATCH * count))
    backend = psutil.Process(service.scalar("SELECT pg_backend_pid()"))
    client = psutil.Process()
    used, began = cpu_s(client) + cpu_s(backend), time.monotonic()
    for number, steps in enumerate(steps_of_batch, start=1):
        service.append(claim, number, steps)
    took = time.monotonic() - began
    return 3 * BATCH * count / took, (cpu_s(client) + cpu_s(backend) - used) / took


def _rates(values_per_s: float) -> str:
    return f"{values_per_s:,.0f} values/s, {values_per_s / 3:,.0f} iterations/s"


def _whole(client: httpx.Client, run: Any) -> None:
    query = {"run": str(run), "series": "train_loss", "points": HISTORY, "format": "binary"}
    assert client.get("/curves", params=query).raise_for_status().content


def reading(service: RecordedService, part: int) -> list[Row]:
    """The requests of a page with many runs, and one series of a million points."""
    runs = [service.train(64_000 // part) for _ in range(50)]
    longest = service.train(1_000_000 // part)
    rows = []
    with service.serve() as client:
        for series in ("train_loss,train_error", "train_error,lr"):
            for form in ("binary", "json"):
                query = {"run": [str(run) for run in runs], "series": series, "format": form}
                took, size = _download(client, query, 7)
                what = f"50 runs × {64_000 // part:,} × ({series}), 1,200 buckets, {form}"
                rows.append((what, f"{1000 * took:.0f} ms, {size / 1e6:.2f} MB gzipped", "150 ms, 0.6 MB"))
        query = {"run": str(longest), "series": "train_loss", "format": "binary"}
        took, size = _download(client, query, 7)
        what = f"one series of {1_000_000 // part:,}, 1,200 buckets"
        rows.append((what, f"{1000 * took:.0f} ms, {size / 1e3:.0f} kB", "50 ms"))
        etag = client.get("/curves", params=query).headers["ETag"]
        ask = partial(client.get, "/curves", params=query, headers={"If-None-Match": etag})
        again = median(_time(ask) for _ in range(9))
        rows.append(("… again, unchanged: 304", f"{1000 * again:.1f} ms", ""))
    return rows


def _download(client: httpx.Client, query: Any, times: int) -> tuple[float, int]:
    """Median seconds until the last byte, and the number of bytes transferred. Discards the response."""
    took, size = [], 0
    for _ in range(times):
        began = time.monotonic()
        with client.stream("GET", "/curves", params=query) as answer:
            size = sum(len(part) for part in answer.iter_raw())
        assert answer.is_success
        took.append(time.monotonic() - began)
    return median(took), size


def disk(service: RecordedService, part: int) -> list[Row]:
    """Everything that a run of the paper's length stores, including indexes and events."""
    count, iterations = 20 // part, 64_000
    size = "SELECT sum(pg_total_relation_size(c)) FROM unnest(ARRAY['step_chunks', 'sample_chunks', 'events']) c"
    empty = service.scalar(size)
    for _ in range(count):
        service.train(iterations)
    service.execute("VACUUM ANALYZE")
    grown = int(service.scalar(size) - empty)
    chunks = int(service.scalar("SELECT pg_total_relation_size('step_chunks')"))
    points = count * iterations
    return [
        (
            f"disk of {count} runs × 64,000 iterations, per value of one series",
            f"{grown / points / 3:.2f} bytes ({grown / points:.1f} per iteration; curves only {chunks / points:.1f})",
            "≤ 6",
        )
    ]


def listing(service: RecordedService, part: int) -> list[Row]:
    """Eight clients on 100,000 runs: the p95 of each query."""
    count = 100_000 // part
    sow(service, count, points=0)
    service.execute("VACUUM ANALYZE")
    queries: dict[str, dict[str, Any]] = {
        "newest": {},
        "filter (depth 56, failed)": {"depth": 56, "status": "failed"},
        "sort by test error": {"sort": "test_error"},
        "… its page 1,000": {"sort": "test_error", "cursor": _cursor(service, 50 * 999 // part)},
        "search": {"text": "needle 997"},
        "search that finds nothing": {"text": "no such thing"},
    }
    rows = []
    with service.serve() as client:
        for name, query in queries.items():
            ask = partial(client.get, "/runs", params=query)
            assert ask().json()["items"] or "nothing" in name
            used_s = service.used_s()
            p95 = quantiles(_time_with_eight_clients(ask, 160 // part), n=20)[-1]
            api, postgres = (
                1000 * (now - before) / (160 // part) for now, before in zip(service.used_s(), used_s, strict=True)
            )
            alone = median(_time(ask) for _ in range(9))
            cpu = f"CPU API {api:.1f} ms, Postgres {postgres:.1f} ms"
            result = f"p95 {1000 * p95:.0f} ms; {1000 * alone:.0f} ms alone; {cpu}"
            rows.append((f"{count:,} runs, 8 clients: {name}", result, "p95 50 ms"))
    return rows


def growth(service: RecordedService, part: int) -> list[Row]:
    """The same run among more and more others, which must not make it slower; and runs of other lengths."""
    rows, existing = [], 0
    for count in (100, 1000, 10_000 // part):
        sow(service, count - existing, points=2048)
        existing = count
        values_per_s, _ = _ingest(service, 32)
        took, _ = _serve_and_download(service, service.train(64_000))
        result = f"{values_per_s:,.0f} values/s in; 64,000 points out in {1000 * took:.0f} ms"
        rows.append((f"among {count:,} other runs", result, "flat"))
    columns = "pg_column_size(loss) + pg_column_size(error) + pg_column_size(lr)"
    size = f"SELECT sum({columns}) FROM step_chunks WHERE run_id = :run"  # noqa: S608
    for iterations in (16_000, 64_000, 256_000):
        run = service.train(iterations)
        took, _ = _serve_and_download(service, run)
        result = f"{int(service.scalar(size, run=run)) / 1e3:,.0f} kB; out in {1000 * took:.0f} ms"
        rows.append((f"a run of {iterations:,} iterations", result, "linear"))
    return rows


def _serve_and_download(service: RecordedService, run: Any) -> tuple[float, int]:
    with service.serve() as client:
        return _download(client, {"run": str(run), "series": "train_loss", "format": "binary"}, 9)


def _time_with_eight_clients(ask: Callable[[], object], times: int) -> list[float]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: _time(ask), range(times)))


def _cursor(service: RecordedService, past: int) -> str:
    """The cursor after this many runs, as the previous page would have returned it."""
    row = service.transaction(
        lambda session: session.execute(
            text("SELECT test_error, id FROM runs ORDER BY test_error NULLS LAST, id OFFSET :past LIMIT 1"),
            {"past": past},
        ).one()
    )
    return base64.urlsafe_b64encode(json.dumps(["test_error", row[0], str(row[1])]).encode()).decode()


def _time(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
