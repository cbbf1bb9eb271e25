"""What a request costs, compared with MLflow's tracking server in turns; and what the service costs while it is idle.

`make bench-api` on an idle machine; `--short` makes every part smaller, to check that it runs. Prints a Markdown table
for docs/experiments.md; the goals are the project's own. The times are a bare client's, from the first byte sent to the
last one read: a client that parses would be most of what is measured.
"""

import argparse
import http.client
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import psutil

from benchmarks import mlflow_server
from benchmarks.first_run import Stack, cpu
from benchmarks.recorded import RecordedService
from benchmarks.sowing import sow
from reslab.stack.servers import postgres_server

Row = tuple[str, str, str]
RUNS = "/api/v1/runs"
SPEC = {"spec": {"depth": 20, "shortcut": "A", "dataset": "digits"}}
PAGE = 50


class Bare:
    """One connection that is kept open, without what a client library does."""

    def __init__(self, url: str, token: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
        self._headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json"}
        self._headers |= {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method: str, path: str, body: object = None) -> bytes:
        try:
            self._connection.request(method, path, json.dumps(body) if body else None, self._headers)
            response = self._connection.getresponse()
        except ConnectionError:  # the server has closed it, because the other one took its time
            self._connection.close()
            return self.send(method, path, body)
        content = response.read()
        assert response.status < 300, content[:500]
        return content


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api")
    parser.add_argument("--short", action="store_true", help="a tenth of everything")
    parser.add_argument("--parts", default="peer,first,list,curves,stack")
    options = parser.parse_args()
    parts: dict[str, Callable[[RecordedService, int], list[Row]]] = {
        "peer": compare_mlflow, "first": first_requests, "list": listing, "curves": curves,
    }  # fmt: skip
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, commit {_commit()}\n")
    print("| what | measured | goal |\n|---|---|---|", flush=True)
    part = 10 if options.short else 1
    for name in options.parts.split(","):
        rows = stack(part) if name == "stack" else _with_service(parts[name], part)
        for row in rows:
            print("| " + " | ".join(row) + " |", flush=True)


def _with_service(measure: Callable[[RecordedService, int], list[Row]], part: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="reslab-bench-", dir="/tmp") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL's own user must be able to enter
        with postgres_server(folder, durable=True) as url:
            return measure(RecordedService(url, folder), part)


def compare_mlflow(service: RecordedService, part: int) -> list[Row]:
    """A run accepted, and pages of 50 runs, in turns with MLflow's own on SQLite. Each is durable when it answers."""
    mlflow_server.install()
    store = f"sqlite:///{service.folder}/mlflow.db"
    with service.serve() as client, mlflow_server.serve(store, service.folder) as peer:
        ours = Bare(str(client.base_url), service.token)
        theirs = Bare(str(peer.base_url))
        create = {"experiment_id": "0", "start_time": 0}
        post, create_run = (
            partial(ours.send, "POST", RUNS, SPEC),
            partial(theirs.send, "POST", f"{mlflow_server.API}/runs/create", create),
        )
        page = partial(ours.send, "GET", f"{RUNS}?limit={PAGE}")
        query = {"experiment_ids": ["0"], "max_results": PAGE}
        search = partial(theirs.send, "POST", f"{mlflow_server.API}/runs/search", query)
        rows = [_against("POST to 201, beside `runs/create`", post, create_run, 200 // part, "0.6 ×")]
        what = f"a page of {PAGE} {{}} runs, beside `runs/search`"
        rows.append(_against(what.format("queued"), page, search, 100 // part, "0.2 ×"))
        service.execute("UPDATE runs SET status = 'cancelled', finished_at = now(), last_seq = last_seq + 1")
        rows.append(_against(what.format("ended"), page, search, 100 // part, "0.2 ×"))
        return rows


def _against(what: str, ours: Callable[[], bytes], theirs: Callable[[], bytes], times: int, goal: str) -> Row:
    """One after the other, so that both have the same machine. Reads both once before, as a page must have 50 runs."""
    sizes = [len(action()) for action in (ours, theirs)]
    took = [(_time_ms(ours), _time_ms(theirs)) for _ in range(times)]
    own, other = zip(*took, strict=True)
    measured = f"{_spread(own)}; MLflow {_spread(other)}; **{median(own) / median(other):.2f} ×**"
    return what, f"{measured} ({sizes[0] / 1000:.1f} and {sizes[1] / 1000:.1f} kB)", goal


def first_requests(service: RecordedService, part: int) -> list[Row]:
    """The first request after readiness, in a process of its own for each kind, beside the median of a thousand."""
    sow(service, 200, points=2048)
    run = service.train(2048)
    requests: dict[str, tuple[str, str, object]] = {
        "a page of 50 runs": ("GET", RUNS, None),
        "POST to 201": ("POST", RUNS, SPEC),
        "a run": ("GET", f"{RUNS}/{run}", None),
        "its curves": ("GET", f"/api/v1/curves?run={run}", None),
    }
    rows = []
    for name, (method, path, body) in requests.items():
        with service.serve() as client:
            send = partial(Bare(str(client.base_url), service.token).send, method, path, body)
            first, *rest = (_time_ms(send) for _ in range(1 + 1000 // part))
        rows.append(
            (f"first request after readiness: {name}", f"{first:.0f} ms; then {_spread(rest)}", "like the others")
        )
    return rows


def listing(service: RecordedService, part: int) -> list[Row]:
    """Eight clients that turn pages of 10,000 ended runs: in the first seconds of the process, and after."""
    sow(service, 10_000 // part, points=0)
    service.execute("VACUUM ANALYZE")
    queries = ("depth=56", "sort=test_error", "text=needle+9", "sort=-depth&status=failed", "")
    with service.serve() as client, ThreadPoolExecutor(8) as pool:
        clients = [Bare(str(client.base_url), service.token) for _ in range(8)]

        def turn(number: int) -> list[float]:
            paths = [f"{RUNS}?{queries[(number + turn) % len(queries)]}" for turn in range(25)]
            return [_time_ms(partial(clients[number].send, "GET", path)) for path in paths]

        rounds = [list(pool.map(turn, range(8))) for _ in range(3)]
    names = ("the process' first 200 requests", "the next 200", "the 200 after them")
    return [
        (f"lists of {10_000 // part:,} runs, 8 clients, {name}", _spread([ms for took in times for ms in took]), "")
        for name, times in zip(names, rounds, strict=True)
    ]


def curves(service: RecordedService, part: int) -> list[Row]:
    """The curves of 50 runs of the paper's length, as JSON."""
    runs = [service.train(64_000 // part) for _ in range(PAGE)]
    rows = []
    with service.serve() as client:
        bare = Bare(str(client.base_url), service.token)
        for query in ("", "&digits=4", "&range=false", "&range=false&digits=4", "&format=binary"):
            named = "&".join(f"run={run}" for run in runs)
            path = f"/api/v1/curves?series=train_loss,train_error&{named}{query}"
            size = len(bare.send("GET", path))
            took = [_time_ms(partial(bare.send, "GET", path)) for _ in range(9)]
            what = f"loss and error of {PAGE} runs, 1,200 buckets, {query.strip('&') or 'every digit'}"
            rows.append((what, f"{size / 1e6:.2f} MB gzipped, {_spread(took)}", "0.6 MB"))
    return rows


def stack(part: int) -> list[Row]:
    """`reslab up` and what it costs while nobody uses it, by process."""
    bare_s = min(_time_ms(_import) for _ in range(5)) / 1000
    with tempfile.TemporaryDirectory(prefix="reslab-bench-") as folder:
        local = Stack(Path(folder) / "home")
        with local.up():
            pass  # the first start creates the database
        starts = [_start(local) for _ in range(5)]
        with local.up():
            idle = _idle(local, 60 / part)
    ratio = f"{median(starts) / bare_s:.1f} × `python -c 'import fastapi, sqlalchemy'` ({bare_s:.2f} s)"
    return [("`reslab up` to the printed URL", f"{_spread(starts, 's')}; {ratio}", "3 s"), *idle]


def _start(local: Stack) -> float:
    with local.up() as seconds:
        return seconds


def _idle(local: Stack, seconds: float) -> list[Row]:
    time.sleep(8)  # let the start finish; this is a measurement, not a test
    processes = local.processes()
    before = {process.pid: (_run_s(process), _switches(process)) for process in processes}
    began = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    rows, shares, sizes = [], [], []
    for process in processes:
        run_s, switches = before[process.pid]
        shares.append(100 * (_run_s(process) - run_s) / passed)
        sizes.append(process.memory_full_info().pss / 2**20)
        wakes = (_switches(process) - switches) / passed
        rows.append(
            (f"… {_name(process)}", f"{shares[-1]:.2f} %, {wakes:.1f} wake-ups a second, {sizes[-1]:.0f} MB", "")
        )
    return [
        ("all processes idle, share of a core", f"{sum(shares):.2f} %", "1 %"),
        ("all processes idle, memory (PSS)", f"{sum(sizes):.0f} MB", "300 MB"),
        *rows,
    ]


def _run_s(process: psutil.Process) -> float:
    """Seconds on a processor, in nanoseconds where the kernel counts them: an idle process' ticks round to none."""
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in _tasks(process)) / 1e9
    except OSError:
        return cpu(process)


def _switches(process: psutil.Process) -> int:
    lines = (line for task in _tasks(process) for line in (task / "status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))


def _tasks(process: psutil.Process) -> Iterator[Path]:
    return Path(f"/proc/{process.pid}/task").iterdir()


def _name(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    names = {
        "-m api": "api",
        "worker control": "control",
        "worker run": "worker",
        "valkey": "valkey",
        "reslab up": "up",
    }
    return next((name for part, name in names.items() if part in command), command[:40].strip() or process.name())


def _import() -> None:
    subprocess.run([sys.executable, "-c", "import fastapi, sqlalchemy"], check=True)


def _time_ms(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def _spread(took: "list[float] | tuple[float, ...]", unit: str = "ms") -> str:
    p95 = quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    return f"median {median(took):.1f} {unit}, p95 {p95:.1f} {unit} (n = {len(took)})"


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    main()
