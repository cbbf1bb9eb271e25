"""The machine's settings: reproducible, and in the paper's precision."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch

from tests.trainer.conftest import small_spec
from trainer.failure import MachineFault
from trainer.process import device


@pytest.fixture(autouse=True)
def restore_settings() -> Iterator[None]:
    yield
    torch.set_deterministic_debug_mode("default")
    torch.set_num_threads(1)


def test_a_run_is_deterministic_and_in_full_precision() -> None:
    device.prepare(small_spec(), threads=2)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.get_num_threads() == 2
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"
    assert not torch.backends.cudnn.benchmark


def test_tf32_is_used_if_chosen() -> None:
    device.prepare(small_spec(precision="tf32"), threads=1)
    assert torch.backends.cuda.matmul.fp32_precision == "tf32"


def test_a_missing_gpu_is_refused_with_a_message() -> None:
    if torch.cuda.is_available():
        assert device.choose("cuda").type == "cuda"
        return
    assert device.choose("auto").type == "cpu"
    with pytest.raises(MachineFault, match="no GPU that torch can use: "):
        device.choose("cuda")


SCRIPT = """
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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs mallinfo2 of glibc 2.33")
def test_the_process_keeps_memory_that_an_iteration_freed() -> None:
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=200)
    assert int(process.stdout) > 32_000_000


@pytest.mark.parametrize(
    ("kind", "precision", "layout"),
    [
        ("cpu", "fp32", torch.channels_last),
        ("cuda", "fp32", torch.contiguous_format),
        ("cuda", "tf32", torch.channels_last),
        ("cuda", "bf16", torch.channels_last),
    ],
)
def test_tensor_cores_have_channels_last(kind: str, precision: str, layout: torch.memory_format) -> None:
    assert device.memory_format(torch.device(kind), small_spec(precision=precision)) is layout
