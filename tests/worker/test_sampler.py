"""What is read of a trainer is what the kernel says of its processes."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.worker.conftest import wait_until
from worker.device import Device
from worker.sampler import Sampler

# 64 MiB and a busy child, as a trainer with a loader has.
BUSY = """
import subprocess, sys
held = bytearray(64 * 1024 * 1024)
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
    wait_until(lambda: (sampler.read().cpu or 0) > 0.05)  # the machine is shared: the child gets what is left
    assert time.monotonic() > began


def test_a_trainer_that_has_left_and_a_driver_that_is_not_there_have_no_readings() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    read = Sampler(gone.pid, Device("gpu", "gpu", "cuda", {"CUDA_VISIBLE_DEVICES": "63"})).read()
    assert (read.ram_bytes, read.gpu, read.gpu_power_w) == (None, None, None)
