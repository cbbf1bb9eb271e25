"""The sampler's readings agree with what the kernel reports."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.worker.conftest import wait_until
from worker.device import Device
from worker.sampler import Sampler

# 64 MiB and a busy child process, like a trainer with a loader.
BUSY = """
import subprocess, sys
block = bytearray(64 * 1024 * 1024)
child = subprocess.Popen([sys.executable, "-c", "print('busy', flush=True)\\nwhile True: pass"])
sys.stdin.read()
child.kill()
"""


@pytest.fixture
def busy() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    yield process.pid
    process.communicate("", timeout=60)


def test_cpu_and_memory_of_the_trainer_and_its_children(busy: int) -> None:
    sampler = Sampler(busy, Device("cpu", "cpu", "cpu"))
    first = sampler.read()
    assert (first.cpu, first.gpu) == (None, None)
    assert first.ram_bytes is not None
    assert first.ram_bytes > 64 * 1024 * 1024
    began = time.monotonic()
    wait_until(lambda: (sampler.read().cpu or 0) > 0.05)  # the machine is shared, so the child may get little CPU time
    assert time.monotonic() > began


def test_readings_are_empty_after_the_trainer_ended_and_without_a_driver() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    reading = Sampler(gone.pid, Device("gpu", "gpu", "cuda", {"CUDA_VISIBLE_DEVICES": "63"})).read()
    assert (reading.ram_bytes, reading.gpu, reading.gpu_power_w) == (None, None, None)
