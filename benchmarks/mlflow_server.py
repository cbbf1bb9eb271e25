"""MLflow's tracking server in its own environment, used over REST: `benchmarks.curves` compares Reslab with it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from reslab.stack.home import free_port

VERSION = "3.17.2"
HOME = Path(".cache/mlflow")
API = "/api/2.0/mlflow"


def install() -> None:
    """Installs MLflow, once. Takes some minutes."""
    marker = HOME / f"installed-{VERSION}"
    if marker.exists():
        return
    shutil.rmtree(HOME, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    pip = [str(HOME / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"mlflow=={VERSION}", "psycopg[binary]"], check=True)
    marker.touch()


@contextmanager
def serve(store: str, folder: Path) -> Iterator[httpx.Client]:
    """Starts MLflow with one worker, as our API is one process. `store` is a URL of SQLite or PostgreSQL."""
    port = free_port()
    command = [str(HOME / "bin" / "mlflow"), "server", "--backend-store-uri", store, "--port", str(port)]
    with (folder / "mlflow.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--artifacts-destination", str(folder / "artifacts")],
            stdout=log, stderr=log, start_new_session=True,
            env=os.environ | {"PATH": f"{(HOME / 'bin').absolute()}:{os.environ['PATH']}"},
        )  # fmt: skip
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", timeout=600) as client:
                _wait(client, process, folder / "mlflow.log")
                yield client
        finally:
            with suppress(ProcessLookupError):
                # Not SIGTERM, which MLflow has survived. There is nothing to save.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def new_run(client: httpx.Client) -> str:
    response = client.post("/runs/create", json={"experiment_id": "0", "start_time": 0})
    return str(response.raise_for_status().json()["run"]["info"]["run_id"])


def log_batch(client: httpx.Client, run: str, first: int, count: int) -> None:
    """Logs `count` values of one series, starting at iteration `first`. The limit per call is 1,000."""
    at = range(first, first + count)
    metrics = [{"key": "train_loss", "value": 1 / step, "step": step, "timestamp": step} for step in at]
    client.post("/runs/log-batch", json={"run_id": run, "metrics": metrics}).raise_for_status()


def history(client: httpx.Client, run: str) -> int:
    """Reads every value of the series, in the largest possible pages. Returns their number."""
    count, token = 0, ""
    while True:
        query = {"run_id": run, "metric_key": "train_loss", "max_results": 25_000, "page_token": token}
        page = client.get("/metrics/get-history", params={name: value for name, value in query.items() if value})
        body = page.raise_for_status().json()
        count += len(body["metrics"])
        token = body.get("next_page_token", "")
        if not token:
            return count


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 300
    while True:
        try:
            if client.post("/experiments/search", json={"max_results": 1}).is_success:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, f"MLflow did not start: {log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, "MLflow did not answer in 300 s"
        time.sleep(0.2)
