"""SIGTERM, sent to this process: it interrupts the loading of data, and is polled during training.

And a trainer that dies with its supervisor, in processes of their own.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from tests.reslab.conftest import all_gone, wait_until
from trainer.process.supervision import Interrupted, Stop

# It prints one line and then nothing, so that no broken pipe ends it.
TRAINER = """
import os, signal, sys
from trainer.process.supervision import die_with
die_with(int(sys.argv[1]))
print(os.getpid(), flush=True)
signal.pause()
"""
SUPERVISOR = """
import os, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], str(os.getpid())])
"""


@pytest.fixture
def stop() -> Iterator[Stop]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signals = Stop()
    signals.listen()
    yield signals
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_stop_is_remembered_until_it_is_read(stop: Stop) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.is_requested


def test_a_stop_interrupts_if_nothing_can_be_lost(stop: Stop) -> None:
    stop.interrupts = True
    with pytest.raises(Interrupted):
        _terminate()
    assert stop.is_requested


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()


def test_a_silent_trainer_dies_with_its_supervisor() -> None:
    command = [sys.executable, "-c", SUPERVISOR, TRAINER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        trainer = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
        try:
            wait_until(lambda: all_gone([trainer]))
        finally:
            with suppress(psutil.NoSuchProcess):
                trainer.kill()


def test_a_trainer_whose_supervisor_is_already_dead_does_not_start() -> None:
    not_its_parent = str(os.getppid())
    ended = subprocess.run([sys.executable, "-c", TRAINER, not_its_parent], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "is not this process's parent" in ended.stderr
