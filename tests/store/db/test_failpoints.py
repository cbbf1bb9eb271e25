"""Fail points act only at their name and count, and not at all unless armed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from store.db import failpoints
from tests.worker.conftest import wait_until

PASS_THRICE = """
from store.db.failpoints import InjectedFailure, reach
for number in (1, 2, 3):
    reach("elsewhere")
    try:
        reach("here")
    except InjectedFailure:
        print("raised")
    print(number, flush=True)
"""


def program(failpoint: str, **variables: str) -> subprocess.Popen[str]:
    environment = os.environ | {"RESLAB_FAILPOINT": failpoint} | variables
    return subprocess.Popen([sys.executable, "-c", PASS_THRICE], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("failpoint", "code", "printed"),
    [
        ("", 0, ["1", "2", "3"]),
        ("nowhere=kill", 0, ["1", "2", "3"]),
        ("here=kill@2", -signal.SIGKILL, ["1"]),
        ("here=exit@3,nowhere=kill", 1, ["1", "2"]),
        ("here=raise@2", 0, ["1", "raised", "2", "3"]),
    ],
)
def test_a_fail_point_acts_at_its_name_and_count(failpoint: str, code: int, printed: list[str]) -> None:
    process = program(failpoint)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out.split()) == (code, printed)


def test_a_stopped_process_can_be_continued() -> None:
    process = program("here=stop@2")
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=60)[0].split() == ["1", "2", "3"]


def test_a_blocked_thread_continues_when_the_gate_opens(tmp_path: Path) -> None:
    process = program("here=wait@2", RESLAB_FAILPOINT_GATE=str(tmp_path / "gate"))
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    assert process.poll() is None
    (tmp_path / "gate").touch()
    assert process.communicate(timeout=60)[0].split() == ["2", "3"]


@pytest.mark.parametrize("text", ["here", "here=explode", "here=kill@soon"])
def test_a_malformed_fail_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        failpoints.parse(text)
