"""Curves at the paper's scale, beside MLflow's tracking server on the same machine, one after the other.

`make bench-curves`; `--short` makes every part smaller, to see that it runs. Prints Markdown tables for
docs/experiments.md; the goals beside the numbers are what the project set itself.
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
from benchmarks.recorded import BATCH, Recorded, batches, cpu_s
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server
from store.db.database import libpq

Row = tuple[str, str, str]
HISTORY = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curves")
    parser.add_argument("--short", action="store_true", help="a tenth of everything")
    parser.add_argument("--parts", default="peer,read,disk,list,growth")
    told = parser.parse_args()
    part = 10 if told.short else 1
    print(f"{platform.machine()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f} at the start\n")
    parts: dict[str, Callable[[Recorded, int], list[Row]]] = {
        "peer": beside_mlflow, "read": reading, "disk": disk, "list": listing, "growth": growth,
    }  # fmt: skip
    print("| what | measured | goal |\n|---|---|---|")
    for name in told.parts.split(","):
        with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as made:
            folder = Path(made)
            folder.chmod(0o755)  # PostgreSQL's own user passes through
            with postgres_server(folder, durable=True) as url:
                for row in parts[name](Recorded(url, folder), part):
                    print("| " + " | ".join(row) + " |", flush=True)


def beside_mlflow(ours: Recorded, part: int) -> list[Row]:
    """Ingest and full history, the same for all three: each value of a point is a row to MLflow."""
    mlflow_server.install()
    ours.alone("CREATE DATABASE mlflow")
    server = libpq(ours.url).rpartition("/")[0]
    stores = {"SQLite": f"sqlite:///{ours.folder}/mlflow.db", "PostgreSQL": f"{server}/mlflow"}
    values_per_s, cores = _ingest(ours, 200 // part)
    run = ours.trained(HISTORY)
    with ours.served() as client:
        history_s = median(_timed(lambda: _whole(client, run)) for _ in range(5))
    rows = [
        ("ingest, one client, batches of 1,000 iterations", _rates(values_per_s), ""),
        ("… for each core's worth of client and Postgres", _rates(values_per_s / cores), "≥ 100,000"),
        (f"full history of {HISTORY:,} points", f"{1000 * history_s:.0f} ms", ""),
    ]
    for name, store in stores.items():
        with mlflow_server.served(store, ours.folder) as client:
            theirs = mlflow_server.new_run(client)
            log = partial(mlflow_server.log_batch, client, theirs)
            took = sum(_timed(partial(log, first, BATCH)) for first in range(1, HISTORY, BATCH))
            read_s = median(_timed(partial(mlflow_server.history, client, theirs)) for _ in range(3))
            rate = HISTORY / took
            rows += [
                (f"MLflow {mlflow_server.VERSION}, {name}: ingest", f"{rate:,.0f} rows/s", ""),
                ("… ours over it", f"**{values_per_s / rate:.0f} ×**", "≥ 50 ×"),
                (f"MLflow, {name}: full history", f"{1000 * read_s:.0f} ms", ""),
                ("… it over ours", f"**{read_s / history_s:.0f} ×**", "≥ 50 ×"),
            ]
    return rows


def _ingest(ours: Recorded, count: int) -> tuple[float, float]:
    """Values a second of the clock, and how many cores were busy with it: ours and the server's."""
    held = ours.claim(BATCH * count)
    told = list(batches(BATCH * count))
    backend = psutil.Process(ours.scalar("SELECT pg_backend_pid()"))
    me = psutil.Process()
    used, began = cpu_s(me) + cpu_s(backend), time.monotonic()
    for number, steps in enumerate(told, start=1):
        ours.append(held, number, steps)
    took = time.monotonic() - began
    return 3 * BATCH * count / took, (cpu_s(me) + cpu_s(backend) - used) / took


def _rates(values_per_s: float) -> str:
    return f"{values_per_s:,.0f} values/s, {values_per_s / 3:,.0f} iterations/s"


def _whole(client: httpx.Client, run: Any) -> None:
    asked = {"run": str(run), "series": "train_loss", "points": HISTORY, "format": "binary"}
    assert client.get("/curves", params=asked).raise_for_status().content


def reading(ours: Recorded, part: int) -> list[Row]:
    """What a page of many runs asks for, and one series of a million."""
    runs = [ours.trained(64_000 // part) for _ in range(50)]
    longest = ours.trained(1_000_000 // part)
    rows = []
    with ours.served() as client:
        for series in ("train_loss,train_error", "train_error,lr"):
            for form in ("binary", "json"):
                asked = {"run": [str(run) for run in runs], "series": series, "format": form}
                took, size = _answers(client, asked, 7)
                what = f"50 runs × {64_000 // part:,} × ({series}), 1,200 buckets, {form}"
                rows.append((what, f"{1000 * took:.0f} ms, {size / 1e6:.2f} MB gzipped", "150 ms, 0.6 MB"))
        asked = {"run": str(longest), "series": "train_loss", "format": "binary"}
        took, size = _answers(client, asked, 7)
        what = f"one series of {1_000_000 // part:,}, 1,200 buckets"
        rows.append((what, f"{1000 * took:.0f} ms, {size / 1e3:.0f} kB", "50 ms"))
        known = client.get("/curves", params=asked).headers["ETag"]
        ask = partial(client.get, "/curves", params=asked, headers={"If-None-Match": known})
        again = median(_timed(ask) for _ in range(9))
        rows.append(("… again, unchanged: 304", f"{1000 * again:.1f} ms", ""))
    return rows


def _answers(client: httpx.Client, asked: Any, times: int) -> tuple[float, int]:
    """Median seconds until the last byte came, and the bytes as they came. Nothing of an answer is kept in between."""
    took, size = [], 0
    for _ in range(times):
        began = time.monotonic()
        with client.stream("GET", "/curves", params=asked) as answer:
            size = sum(len(part) for part in answer.iter_raw())
        assert answer.is_success
        took.append(time.monotonic() - began)
    return median(took), size


def disk(ours: Recorded, part: int) -> list[Row]:
    """Everything that a run of the paper's length leaves, indexes and events included."""
    count, iterations = 20 // part, 64_000
    size = "SELECT sum(pg_total_relation_size(c)) FROM unnest(ARRAY['step_chunks', 'sample_chunks', 'events']) c"
    empty = ours.scalar(size)
    for _ in range(count):
        ours.trained(iterations)
    ours.alone("VACUUM ANALYZE")
    grown = int(ours.scalar(size) - empty)
    chunks = int(ours.scalar("SELECT pg_total_relation_size('step_chunks')"))
    points = count * iterations
    return [
        (
            f"disk of {count} runs × 64,000 iterations, a value of one series",
            f"{grown / points / 3:.2f} bytes ({grown / points:.1f} an iteration; curves alone {chunks / points:.1f})",
            "≤ 6",
        )
    ]


def listing(ours: Recorded, part: int) -> list[Row]:
    """Eight clients over 100,000 runs: p95 of each question."""
    count = 100_000 // part
    sow(ours, count, points=0)
    ours.alone("VACUUM ANALYZE")
    questions: dict[str, dict[str, Any]] = {
        "newest": {},
        "filter (depth 56, failed)": {"depth": 56, "status": "failed"},
        "sort by test error": {"sort": "test_error"},
        "… its page 1,000": {"sort": "test_error", "cursor": _cursor(ours, 50 * 999 // part)},
        "search": {"text": "needle 997"},
        "search that finds nothing": {"text": "no such thing"},
    }
    rows = []
    with ours.served() as client:
        for name, asked in questions.items():
            ask = partial(client.get, "/runs", params=asked)
            assert ask().json()["items"] or "nothing" in name
            used_s = ours.used_s()
            p95 = quantiles(_by_eight(ask, 160 // part), n=20)[-1]
            api, postgres = (
                1000 * (now - before) / (160 // part) for now, before in zip(ours.used_s(), used_s, strict=True)
            )
            alone = median(_timed(ask) for _ in range(9))
            told = f"p95 {1000 * p95:.0f} ms; {1000 * alone:.0f} ms alone; CPU {api:.1f} ms, Postgres {postgres:.1f} ms"
            rows.append((f"{count:,} runs, 8 clients: {name}", told, "p95 50 ms"))
    return rows


def growth(ours: Recorded, part: int) -> list[Row]:
    """The same run among ever more others: writing and reading it must not notice. And runs of other lengths."""
    rows, there = [], 0
    for count in (100, 1000, 10_000 // part):
        sow(ours, count - there, points=2048)
        there = count
        values_per_s, _ = _ingest(ours, 32)
        took, _ = _served_answer(ours, ours.trained(64_000))
        told = f"{values_per_s:,.0f} values/s in; 64,000 points out in {1000 * took:.0f} ms"
        rows.append((f"among {count:,} other runs", told, "flat"))
    columns = "pg_column_size(loss) + pg_column_size(error) + pg_column_size(lr)"
    size = f"SELECT sum({columns}) FROM step_chunks WHERE run_id = :run"  # noqa: S608
    for iterations in (16_000, 64_000, 256_000):
        run = ours.trained(iterations)
        took, _ = _served_answer(ours, run)
        told = f"{int(ours.scalar(size, run=run)) / 1e3:,.0f} kB; out in {1000 * took:.0f} ms"
        rows.append((f"a run of {iterations:,} iterations", told, "linear"))
    return rows


def _served_answer(ours: Recorded, run: Any) -> tuple[float, int]:
    with ours.served() as client:
        return _answers(client, {"run": str(run), "series": "train_loss", "format": "binary"}, 9)


def _by_eight(ask: Callable[[], object], times: int) -> list[float]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda _: _timed(ask), range(times)))


def _cursor(ours: Recorded, past: int) -> str:
    """That of the page after so many runs, as the page before it would have given."""
    row = ours.transacted(
        lambda session: session.execute(
            text("SELECT test_error, id FROM runs ORDER BY test_error NULLS LAST, id OFFSET :past LIMIT 1"),
            {"past": past},
        ).one()
    )
    return base64.urlsafe_b64encode(json.dumps(["test_error", row[0], str(row[1])]).encode()).decode()


def _timed(what: Callable[[], object]) -> float:
    began = time.monotonic()
    what()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
