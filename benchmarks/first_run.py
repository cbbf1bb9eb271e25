"""How long a user waits: start-up, POST to 201, to the claim, to the first point, the digits run; and the idle cost.

`make bench` on an idle machine. Prints a Markdown table for docs/experiments.md; the goals are the project's own.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

from reslab.client import Client
from reslab.stack.home import free_port

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DIGITS = {
    "depth": 20, "shortcut": "A", "dataset": "digits", "iterations": 400,
    "schedule": {"kind": "steps", "at": [200, 300]}, "evaluate_every": 100,
}  # fmt: skip
SHORT = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 40, "batch_size": 16}

Row = tuple[str, str, str]


class Stack:
    def __init__(self, home: Path) -> None:
        self._home, self._port = home, free_port()

    @contextmanager
    def up(self) -> Iterator[float]:
        """Starts the stack. Yields the seconds from the command until it prints its URL."""
        command = [str(Path(sys.executable).with_name("reslab")), "up", "--home", str(self._home)]
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, "--port", str(self._port)],
            stdout=subprocess.PIPE,
            text=True,
            # 0: the check of an idle machine would be measured with it.
            env=os.environ | {"PYTHONUNBUFFERED": "1", "RESLAB_CHECK_AFTER_S": "0"},
        )
        assert process.stdout is not None
        try:
            while "/#token=" not in process.stdout.readline():
                assert process.poll() is None, "the stack did not start"
            yield time.monotonic() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            process.stdout.close()

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self._home / "state.json").read_text())
        return state

    def client(self) -> Client:
        return Client(self.state["url"], self.state["token"])

    def processes(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.state["pid"])
        return [supervisor, *supervisor.children(recursive=True)]


def start_up(stack: Stack) -> Row:
    with stack.up():
        pass  # the first start creates the database
    times = []
    for _ in range(5):
        with stack.up() as seconds:
            times.append(seconds)
    return "`reslab up` to the printed URL, existing database", spread(times, "s"), "6 s"


def idle(stack: Stack, seconds: float = 30) -> list[Row]:
    time.sleep(5)  # let the start-up finish; this is a measurement, not a test
    processes = stack.processes()
    before = sum(cpu(process) for process in processes)
    began = time.monotonic()
    time.sleep(seconds)
    share = (sum(cpu(process) for process in processes) - before) / (time.monotonic() - began)
    memory = sum(process.memory_full_info().pss for process in processes) / 2**20
    resident = sum(process.memory_info().rss for process in processes) / 2**20
    return [
        ("all processes idle, memory (PSS)", f"{memory:.0f} MB ({resident:.0f} MB RSS)", "450 MB"),
        ("all processes idle, share of a core", f"{100 * share:.1f} %", "2 %"),
    ]


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def time_posts(client: Client) -> Row:
    """POSTs runs that no worker can claim, so that nothing is trained meanwhile."""
    times, run_ids = [], []
    for _ in range(200):
        began = time.monotonic()
        run_ids.append(client.submit(SHORT, queue="gpu").id)
        times.append(1000 * (time.monotonic() - began))
    for run_id in run_ids:
        client.cancel(run_id)
        client.delete(run_id)
    return "POST to 201, 200 one after the other", spread(times, "ms"), "10 ms"


def time_claims(client: Client) -> Row:
    times = []
    for _ in range(10):
        time.sleep(1)  # until the worker is idle
        began = time.monotonic()
        run_id = client.submit(SHORT).id
        wait(lambda run_id=run_id: client.run(run_id).status != "queued", 0.005)
        times.append(time.monotonic() - began)
        wait(lambda run_id=run_id: client.run(run_id).status == "succeeded", 0.2)
    return "POST to claimed, one idle worker", spread(times, "s"), "0.3 s"


def first_point(stack: Stack, client: Client) -> Row:
    """From the POST to the first value in an open run page's chart."""
    if CHROMIUM is None:
        return "POST to the first point on an open run page", "no Chromium on this machine", "8 s"
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        with page.expect_response("**/api/v1/session"):
            page.goto(f"{stack.state['url']}/#token={stack.state['token']}")
        for _ in range(5):
            began = time.monotonic()
            run_id = client.submit(DIGITS).id
            page.goto(f"{stack.state['url']}/runs/{run_id}")
            page.get_by_role("img", name=re.compile("training error")).wait_for(timeout=60_000)
            times.append(time.monotonic() - began)
            client.cancel(run_id)
            wait(lambda run_id=run_id: client.run(run_id).status == "cancelled", 0.1)
        browser.close()
    return "POST to the first point on an open run page", spread(times, "s"), "8 s"


def digits(client: Client) -> list[Row]:
    began = time.monotonic()
    run_id = client.submit(DIGITS).id
    wait(lambda: client.run(run_id).status in {"succeeded", "failed"}, 1)
    run = client.run(run_id)
    assert run.status == "succeeded", run.message
    return [
        ("ResNet-20 on digits, 400 iterations of 128", f"{time.monotonic() - began:.0f} s", "about 240 s"),
        ("… its test error at the end (360 images, seed 0)", f"{run.last.test_error:.2f} %", "3 %"),
    ]


def wait(holds: Callable[[], bool], step_s: float) -> None:
    while not holds():
        time.sleep(step_s)


def spread(times: list[float], unit: str) -> str:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"median {statistics.median(times):.2f} {unit}, p95 {p95:.2f} {unit} (n = {len(times)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-digits", action="store_true", help="skip the four-minute run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reslab-bench-") as folder:
        stack = Stack(Path(folder) / "home")
        rows = [start_up(stack)]
        with stack.up(), stack.client() as client:
            rows += idle(stack)
            rows += [time_posts(client), time_claims(client), first_point(stack, client)]
            if not options.without_digits:
                rows += digits(client)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    memory = psutil.virtual_memory().total / 2**30
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    print(f"{machine}, commit {commit}\n")
    print("| what | measured | goal |\n|---|---|---|")
    for what, measured, goal in rows:
        print(f"| {what} | {measured} | {goal} |")


if __name__ == "__main__":
    main()
