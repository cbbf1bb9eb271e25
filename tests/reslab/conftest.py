"""Waiting with a limit, and programs that run in a process of their own because a test kills them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

Launch = Callable[[str], subprocess.Popen[str]]


def wait_until(condition: Callable[[], object], limit_s: float = 20) -> None:
    """Fails the test if `condition` is not true within `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def all_gone(processes: list[psutil.Process]) -> bool:
    """A zombie is gone: what is left of it is its parent's to read."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Run Python source in a process of its own, in `tmp_path`; it and its children end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(source: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", source], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
