"""An iteration from numbers at one address, as a CUDA graph reads them, and the graph itself where there is a GPU."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.trainer.conftest import CPU, small_spec
from trainer.classification import Classification
from trainer.data import synthetic
from trainer.data.batches import Batches
from trainer.data.images import Data, arrange
from trainer.environment import Environment
from trainer.process import device
from trainer.process.iteration import WARM_UP, Iteration
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import Training, begin, step

CUDA = torch.device("cuda")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
# The rate changes, and comes back: each time another graph.
RATES = [0.1] * (WARM_UP + 3) + [0.01] * 3 + [0.1] * 2


@pytest.fixture(autouse=True)
def restore_settings() -> Iterator[None]:
    yield
    torch.set_deterministic_debug_mode("default")


def training_of(spec: RunSpec, target: torch.device, data: Data) -> Training:
    return begin(spec, 10, data.hash, target)


def state(training: Training) -> dict[str, Tensor]:
    tensors = training.network.state_dict() | {f"v.{name}": v for name, v in training.sgd.velocity.items()}
    return {name: tensor.cpu().clone() for name, tensor in tensors.items()}


def assert_equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    assert [name for name, tensor in first.items() if not torch.equal(tensor, second[name])] == []


def test_numbers_at_one_address_train_like_fresh_mini_batches(small_data: Callable[[RunSpec], Data]) -> None:
    spec = small_spec()
    data = small_data(spec)
    direct, placed = (training_of(spec, CPU, data) for _ in range(2))
    batches = Batches(spec, data)
    iteration = Iteration(placed, batches, is_captured=True)
    for number, rate in enumerate(RATES, start=1):
        expected = step(direct, *batches.at(number), rate)
        assert iteration.run(rate) == expected
    assert placed.iteration == len(RATES)
    assert_equal(state(placed), state(direct))


@pytest.mark.parametrize("augment", ["paper", "crop", "none"])
def test_the_numbers_decide_the_mini_batch(augment: str, small_data: Callable[[RunSpec], Data]) -> None:
    spec = small_spec(augment=augment)
    batches = Batches(spec, small_data(spec))
    numbers = batches.numbers(3)
    assert numbers.shape == (4, spec.batch_size)
    assert numbers.dtype == torch.int64
    for placed, fresh in zip(batches.view(numbers.clone()), batches.at(3), strict=True):
        assert torch.equal(placed, fresh)


@contextmanager
def errors_on_synchronisation() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def on_gpu(**fields: object) -> tuple[Training, Batches]:
    spec = small_spec(**fields)
    device.prepare(spec, 1)
    data = arrange(synthetic.load(), None, 0, CUDA)
    return training_of(spec, CUDA, data), Batches(spec, data)


@needs_gpu
@pytest.mark.parametrize(
    "fields", [{}, {"precision": "bf16"}, {"recompute_activations": True}, {"shortcut": "B", "nesterov": True}], ids=str
)
def test_a_graph_equals_its_function_bit_for_bit(fields: dict[str, object]) -> None:
    states = []
    for is_captured in (True, False):
        training, batches = on_gpu(**fields)
        iteration = Iteration(training, batches, is_captured=is_captured)
        losses = [iteration.run(rate)[0].item() for rate in RATES]
        states.append(state(training) | {"losses": torch.tensor(losses)})
    assert_equal(*states)


@needs_gpu
@pytest.mark.parametrize("is_captured", [True, False])
def test_no_iteration_waits_for_the_gpu(is_captured: bool, tmp_path: Path) -> None:
    spec = small_spec()
    device.prepare(spec, 1)
    data = arrange(synthetic.load(), None, 0, CUDA)
    task = Classification(spec, data, Environment(tmp_path, CUDA, Stop()))
    task._iteration = Iteration(task.training, Batches(spec, data), is_captured=is_captured)
    for _ in range(WARM_UP + 1):
        task.step(0.1)
    with errors_on_synchronisation():
        for _ in range(10):
            task.step(0.1)


@needs_gpu
def test_a_refused_capture_is_said_in_a_sentence_and_changes_no_result(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain, refused = on_gpu(), on_gpu()
    view = Batches.view

    def synchronise(batches: Batches, numbers: Tensor) -> tuple[Tensor, Tensor]:
        numbers.sum().item()  # what no capture allows
        return view(batches, numbers)

    for _ in RATES[:8]:
        Iteration(*plain, is_captured=False).run(0.1)
    monkeypatch.setattr(Batches, "view", synchronise)
    iteration = Iteration(*refused, is_captured=True)
    with caplog.at_level(logging.WARNING):
        for _ in RATES[:8]:
            iteration.run(0.1)
    assert "Training kernel by kernel" in caplog.text
    assert_equal(state(plain[0]), state(refused[0]))
