"""Waiting with a time limit, programs that a test may kill, and the whole stack as a user starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from typer.testing import CliRunner

from reslab.command import app
from reslab.stack.home import free_port
from tests.warm import WARM_CHILDREN, warm

COMMAND = (sys.executable, "-c", "from reslab.command import main; main()")
Launch = Callable[[str], subprocess.Popen[str]]
Up = Callable[..., "Stack"]
Type = Callable[..., "Typed"]
LIMIT_S = 120.0  # of a wait on a busy machine, not a measurement


def wait_until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Wait for `condition`. Fails the test after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"the condition was not true within {limit_s} s"
        time.sleep(0.02)


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether every process has ended. A zombie has: only its exit code is left, for its parent."""
    return not any(is_alive(process) for process in processes)


def is_alive(process: psutil.Process) -> bool:
    """Whether the process has not ended. It may end while it is looked at."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Run Python source in a process of its own, in `tmp_path`; it ends with the test."""
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


@dataclass
class Stack:
    """One `reslab up`, and the file with its output."""

    home: Path
    process: subprocess.Popen[str]
    screen: Path

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        return state

    def processes(self) -> list[psutil.Process]:
        return [*(own := psutil.Process(self.process.pid)).children(recursive=True), own]

    def wait_until_up(self) -> None:
        wait_until(lambda: "#token=" in self.screen.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.screen.read_text()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)


@contextmanager
def running(home: Path, before: tuple[str, ...] = (), **environment: str) -> Iterator[Stack]:
    """A running `reslab up` on `home`, stopped at the end. `before` is put in front of the command."""
    screen = home.parent / f"screen-{len(list(home.parent.iterdir()))}"
    with screen.open("w") as out:
        command = [*before, *COMMAND, "up", "--home", str(home), "--port", str(free_port())]
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, text=True, env=os.environ | environment
        )
    stack = Stack(home, process, screen)
    try:
        stack.wait_until_up()
        yield stack
    finally:
        if process.poll() is None:
            stack.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that a module's tests start in, one after the other: its database is made once."""
    return tmp_path_factory.mktemp("stack") / "home"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack for tests that use it and leave its worker free. Its processes are forks (tests/warm.py).

    Its HOME is empty, as that of somebody who has just cloned the repository.
    """
    with ExitStack() as stacks:
        with warm():
            environment = {WARM_CHILDREN: "1", "HOME": str(tmp_path_factory.mktemp("empty"))}
            shared = stacks.enter_context(running(tmp_path_factory.mktemp("shared") / "home", (), **environment))
        yield shared


class Typed(NamedTuple):
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def typed(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Type `reslab …` in an empty folder. Runs in this process: another one imports for half a second."""
    monkeypatch.chdir(tmp_path)

    def type_(*words: str, **environment: str) -> Typed:
        # An exception that the command doesn't explain would be a traceback on the screen, and fails the test.
        ended = CliRunner().invoke(
            app, words, env={"RESLAB_HOME": str(stack.home)} | environment, catch_exceptions=False
        )
        return Typed(ended.exit_code, ended.stdout, ended.stderr)

    return type_


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    """Start the stack any number of times, in the module's home unless the test names another."""
    with ExitStack() as stacks:
        yield lambda at=home, **options: stacks.enter_context(running(at, **options))
