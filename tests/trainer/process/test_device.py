"""The machine's settings: repeatable, and in the paper's precision."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch

from tests.trainer.conftest import small_spec
from trainer.failure import Failure
from trainer.process import device


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    yield
    torch.set_deterministic_debug_mode("default")
    torch.set_num_threads(1)


def test_a_run_is_deterministic_and_in_full_precision() -> None:
    device.prepare(small_spec(), threads=2)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.get_num_threads() == 2
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"
    assert not torch.backends.cudnn.benchmark


def test_tf32_is_used_where_it_is_asked_for() -> None:
    device.prepare(small_spec(precision="tf32"), threads=1)
    assert torch.backends.cuda.matmul.fp32_precision == "tf32"


def test_a_gpu_that_is_not_there_is_refused_in_words() -> None:
    if torch.cuda.is_available():
        assert device.choose("cuda").type == "cuda"
        return
    assert device.choose("auto").type == "cpu"
    with pytest.raises(Failure, match="no GPU"):
        device.choose("cuda")


FREED = """
import ctypes, torch
from tests.trainer.conftest import small_spec
from trainer.process import device

class Mallinfo(ctypes.Structure):
    _fields_ = [("sizes", ctypes.c_size_t * 10)]

device.prepare(small_spec(), threads=1)
torch.ones(8_000_000)
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Mallinfo
print(mallinfo().sizes[8])  # fordblks: free bytes that the process keeps
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc 2.33, which can be asked")
def test_memory_that_one_iteration_freed_is_there_for_the_next() -> None:
    told = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True, timeout=200)
    assert int(told.stdout) > 32_000_000
