"""A detector on two devices: it computes what one process would, bit for bit, stopped in the middle or not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.trainer.conftest import CPU, events_of
from tests.trainer.detection.conftest import small_spec
from trainer.detection.batches import DetectionBatches
from trainer.detection.data import DetectionData
from trainer.detection.spec import DetectionSpec
from trainer.detection.training import LOSSES, begin
from trainer.files import sealed
from trainer.process.ranks import Ranks

Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm_detection")
SPEC = small_spec(devices=2, iterations=3, checkpoint_every=100)


def by_hand(spec: DetectionSpec, data: DetectionData) -> dict[str, Tensor]:
    """One process that does the work of two: each image separately, with its own batch norm, then the mean."""
    training = begin(spec, len(data.classes), data.hash, CPU)
    detector = training.network
    trained = [weight for weight in detector.parameters() if weight.requires_grad]
    ranks = [DetectionBatches(spec, data, Ranks(rank, 2)) for rank in (0, 1)]
    for iteration in range(1, spec.iterations + 1):
        gradients: list[tuple[Tensor, ...]] = []
        # The first device last: its running statistics are the run's.
        for rank in (1, 0):
            buffers = {name: buffer.clone() for name, buffer in detector.named_buffers()}
            detector.chance.iteration, detector.chance.first = iteration, ranks[rank].first
            _, values = detector(ranks[rank].at(iteration))
            loss = torch.stack([values[name] for name in LOSSES]).sum()
            gradients.append(torch.autograd.grad(loss, trained))
            if rank == 1:
                detector.load_state_dict(buffers, strict=False)
        for weight, second, first in zip(trained, *gradients, strict=True):
            weight.grad = (second + first) / 2
        training.sgd.step(training.rate.at(iteration))
    return detector.state_dict()


def test_two_devices_stopped_in_the_middle_compute_what_one_process_does(
    shapes: Path, shapes_data: Callable[[DetectionSpec], DetectionData], start: Start, tmp_path: Path
) -> None:
    options = ("--folder", str(shapes), "--loaders", "0")
    stopped = events_of(start(SPEC.canonical_json(), tmp_path / "run", *options, "--until", "2"))
    assert (stopped[0]["device"], stopped[-1]["kind"]) == ("2 × cpu", "stopped"), stopped[-1]
    finished = events_of(start(SPEC.canonical_json(), tmp_path / "run", *options))
    assert (finished[0]["resumed_from"], finished[-1]["kind"]) == (2, "finished")
    tensors, _ = sealed.read(tmp_path / "run" / "weights-3.safetensors")
    expected = by_hand(SPEC, shapes_data(SPEC))
    assert all(torch.equal(tensors[name], value) for name, value in expected.items())
