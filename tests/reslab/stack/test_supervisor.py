"""Several children: started in stages, stopped in the opposite order, and all stopped when one dies."""

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reslab.stack.child import ChildError, Service
from reslab.stack.restarts import Restarts
from reslab.stack.supervisor import Interruption, Supervisor
from tests.reslab.conftest import wait_until

SAYS_WHEN_IT_STOPS = """
import signal, sys, time
def stop(*_):
    with open("stopped", "a") as order:
        order.write(sys.argv[1] + " ")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1], "w").close()
time.sleep(60)
"""


def program(name: str, folder: Path, source: str = SAYS_WHEN_IT_STOPS, stop_s: float = 5) -> Service:
    return Service(
        name=name,
        argv=(sys.executable, "-u", "-c", source, name),
        log=folder / f"{name}.log",
        folder=folder,
        ready=(folder / name).exists,
        stop_s=stop_s,
    )


def test_what_started_first_stops_last(tmp_path: Path) -> None:
    with Interruption() as interrupted, Supervisor(interrupted) as stack:
        for name in ("database", "api", "worker"):
            stack.start(program(name, tmp_path))
        stack.wait_until_ready()
    assert (tmp_path / "stopped").read_text().split() == ["worker", "api", "database"]


def test_a_child_that_dies_is_started_again_after_a_pause(tmp_path: Path) -> None:
    dies_once = (
        "import os, signal, sys, time\n"
        "if os.path.exists('died'): os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)\n"
        "open('died', 'w').close(); print('no space left'); raise SystemExit(4)"
    )
    said: list[str] = []
    pids: list[int] = []
    with Interruption() as interrupted, Supervisor(interrupted, Restarts(pauses_s=(0.5,))) as stack:
        stack.start(program("worker", tmp_path, source=dies_once))
        before = time.monotonic()
        stack.watch(said.append, lambda: pids.extend(child.pid for child in stack.children()))
        assert time.monotonic() - before > 0.5
        assert len(pids) == 1
    assert said[0].startswith("worker exited with code 4. It starts again in 0 s. Its log: ")
    assert "no space left" in (tmp_path / "worker.log").read_text()


def test_a_child_that_dies_again_and_again_ends_the_watch_with_its_last_lines(tmp_path: Path) -> None:
    with Interruption() as interrupted, Supervisor(interrupted, Restarts(pauses_s=(0.1, 0.1))) as stack:
        stack.start(program("database", tmp_path))
        stack.wait_until_ready()
        stack.start(program("worker", tmp_path, source="print('no space left'); raise SystemExit(4)"))
        with pytest.raises(ChildError, match=r"worker exited with code 4[\s\S]*(no space left\s*){3}"):
            stack.watch()
    assert (tmp_path / "stopped").read_text().split() == ["database"]


def test_a_worker_that_leaves_is_not_started_again(tmp_path: Path) -> None:
    leaving = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM)"
    drained = replace(program("worker", tmp_path, source=leaving), may_leave=True)
    with Interruption() as interrupted, Supervisor(interrupted) as stack:
        stack.start(drained)
        stack.watch()
        assert [child.exit_code() for child in stack.children()] in ([0], [None])


def test_a_signal_while_a_child_is_not_ready_yet_ends_the_start(tmp_path: Path) -> None:
    with Interruption() as interrupted, Supervisor(interrupted) as stack:
        stack.start(program("slow", tmp_path, source="print('starting'); import time; time.sleep(60)"))
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
        timer.start()
        stack.wait_until_ready()
        timer.join()
        assert interrupted()


def test_children_of_one_stage_that_will_not_stop_share_one_time_limit(tmp_path: Path) -> None:
    deaf = SAYS_WHEN_IT_STOPS.replace("SIGTERM, stop", "SIGTERM, signal.SIG_IGN")
    with Interruption() as interrupted, Supervisor(interrupted) as stack:
        stack.start(*(program(f"worker-{number}", tmp_path, source=deaf, stop_s=2) for number in range(4)))
        stack.wait_until_ready()
        before = time.monotonic()
        stack.stop()
        assert time.monotonic() - before < 6  # one after the other they would take 8 s


def test_a_task_gets_its_stdin_when_it_is_run_and_its_failure_stops_the_start(tmp_path: Path) -> None:
    task = Service(
        name="migration",
        argv=(sys.executable, "-c", "raise SystemExit(input())"),
        log=tmp_path / "migration.log",
        stdin="the table exists\n",
    )
    with Interruption() as interrupted, Supervisor(interrupted) as stack:
        stack.start_task(task)
        with pytest.raises(ChildError, match="the table exists"):
            stack.run_task()


def test_the_earlier_signal_handlers_are_restored_once_the_stack_is_down() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interruption() as interrupted:
        os.kill(os.getpid(), signal.SIGTERM)
        wait_until(interrupted)
    assert signal.getsignal(signal.SIGTERM) is before
