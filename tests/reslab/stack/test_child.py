"""A child process: it reports how it ended, stops within its time limit, and never outlives us."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from reslab.stack.child import Child, ChildError, Service
from tests.reslab.conftest import Launch, all_gone, wait_until


def python(source: str, folder: Path, **options: object) -> Service:
    return Service(name="program", argv=(sys.executable, "-u", "-c", source), log=folder / "program.log", **options)  # type: ignore[arg-type] # the tests' own keywords


def test_a_child_that_ends_early_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    child = Child(python("print('the disk is full'); raise SystemExit(3)", tmp_path, ready=lambda: False))
    with pytest.raises(ChildError, match=r"program exited with code 3[\s\S]*the disk is full"):
        child.wait_until_ready()


def test_a_child_that_a_signal_killed_is_reported_with_the_signal(tmp_path: Path) -> None:
    child = Child(python("import time; time.sleep(60)", tmp_path))
    psutil.Process(child.pid).kill()
    with pytest.raises(ChildError, match="program was killed by SIGKILL"):
        child.wait_until_done()


def test_a_child_that_ignores_the_stop_signal_is_killed_after_its_time_limit(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    child = Child(python(deaf, tmp_path))
    wait_until(lambda: "deaf" in child.service.log.read_text())
    child.stop(limit_s=0.1)
    assert child.exit_code() == -signal.SIGKILL


def test_the_stop_signal_is_sent_once_however_often_a_stop_is_requested(tmp_path: Path) -> None:
    counting = """
import signal, time
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
print('ready')
while not heard:
    time.sleep(0.01)
time.sleep(0.3)
print('heard', len(heard))
"""
    child = Child(python(counting, tmp_path))
    wait_until(lambda: "ready" in child.service.log.read_text())
    child.request_stop()
    child.request_stop()
    child.stop(limit_s=10)
    assert "heard 1" in child.service.log.read_text()


def test_a_secret_is_sent_on_stdin_and_is_in_no_argument(tmp_path: Path) -> None:
    child = Child(python("print(input()[::-1])", tmp_path, stdin="terces\n"))
    child.send_stdin()
    child.wait_until_done()
    assert child.service.log.read_text() == "secret\n"
    assert "terces" not in " ".join(child.service.argv)


def test_a_child_dies_with_its_parent_even_if_the_parent_is_killed(launch: Launch, tmp_path: Path) -> None:
    parent = launch(f"""
import sys, time
from pathlib import Path
from reslab.stack.child import Child, Service
argv = (sys.executable, "-c", "import time; time.sleep(60)")
child = Child(Service("program", argv, Path({str(tmp_path / "log")!r})))
print(child.pid, flush=True)
time.sleep(60)
""")
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    wait_until(lambda: all_gone([child]))


def test_a_ctrl_c_at_the_terminal_does_not_reach_a_child(tmp_path: Path) -> None:
    child = Child(python("import time; time.sleep(60)", tmp_path))
    ours = subprocess.check_output(["ps", "-o", "pgid=", "-p", str(psutil.Process().pid)], text=True).strip()
    its = subprocess.check_output(["ps", "-o", "pgid=", "-p", str(child.pid)], text=True).strip()
    child.stop()
    assert ours != its
