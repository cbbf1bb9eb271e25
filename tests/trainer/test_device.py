"""The machine's settings: repeatable, and in the paper's precision."""

from collections.abc import Iterator

import pytest
import torch

from tests.trainer.conftest import small_spec
from trainer import device
from trainer.failure import Failure


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
