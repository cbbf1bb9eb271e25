"""A detector on two devices: it computes what one process would, bit for bit, stopped in the middle or not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.trainer.conftest import CPU, events_of
from tests.trainer.detection.conftest import small_spec
from tests.trainer.together import together
from trainer.detection.batches import DetectionBatches
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import DetectionScores, detect, score
from trainer.detection.spec import DetectionSpec
from trainer.detection.training import LOSSES, begin
from trainer.files import sealed
from trainer.process.ranks import Ranks
from trainer.process.supervision import Stop

Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm_detection")
SPEC = small_spec(devices=2, iterations=2, checkpoint_every=100)


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


def evaluated_by_hand(spec: DetectionSpec, data: DetectionData, state: dict[str, Tensor]) -> DetectionScores:
    """One process detects in all images."""
    detector = begin(spec, len(data.classes), data.hash, CPU).network
    detector.load_state_dict(state)
    reported = detect(detector, spec, data, data.splits.test, Stop())
    assert reported is not None
    return score(spec.ap, reported, data.splits.test, data.classes)


@pytest.mark.long
def test_two_devices_stopped_in_the_middle_compute_what_one_process_does(
    shapes: Path, shapes_data: Callable[[DetectionSpec], DetectionData], start: Start, tmp_path: Path
) -> None:
    options = ("--folder", str(shapes), "--loaders", "0")
    stopped = events_of(start(SPEC.canonical_json(), tmp_path / "run", *options, "--until", "1"))
    assert (stopped[0]["device"], stopped[-1]["kind"]) == ("2 × cpu", "stopped"), stopped[-1]
    finished = events_of(start(SPEC.canonical_json(), tmp_path / "run", *options))
    assert (finished[0]["resumed_from"], finished[-1]["kind"]) == (1, "finished")
    tensors, _ = sealed.read(tmp_path / "run" / "weights-2.safetensors")
    data = shapes_data(SPEC)
    expected = by_hand(SPEC, data)
    assert all(torch.equal(tensors[name], value) for name, value in expected.items())
    (evaluation,) = (event for event in finished if event["kind"] == "detection_evaluated")
    scores = evaluated_by_hand(SPEC, data, expected)
    assert scores.detections > 0
    for field in ("map", "map_50_95", "ap", "images", "detections"):
        assert evaluation[field] == getattr(scores, field), field


# Each device's statistics are its own until a step begins whose layers are normalised with them.
FOUR_STEPS = """
from trainer.data.loaders import Loaders
from trainer.detection import data
from trainer.detection.spec import DetectionSpec
from trainer.detection.task import Detection
from trainer.environment import Environment
from trainer.loop import run
from trainer.process.supervision import Stop
spec = DetectionSpec.model_validate_json({spec!r})
loaded = data.load(spec, Path({shapes!r}), folder / str(rank), torch.device("cpu"), Loaders(0))

def train(name, until=None):
    (folder / name).mkdir(exist_ok=True)
    environment = Environment(folder / name, torch.device("cpu"), Stop(), ranks, until=until)
    *_, event = run(Detection(spec, loaded, environment), environment)
    dist.barrier()
    return event.kind

train("whole")
kinds = [train("parts", 4), train("parts")]
whole, parts = ((folder / name / "weights-6.safetensors").read_bytes() for name in ("whole", "parts"))
print(json.dumps([*kinds, whole == parts]))
"""


@pytest.mark.long
def test_two_devices_stopped_in_the_third_of_four_steps_end_as_if_they_had_not_been(
    shapes: Path, tmp_path: Path
) -> None:
    spec = small_spec(devices=2, training="four_step", iterations=6, checkpoint_every=100)
    source = FOUR_STEPS.format(spec=spec.canonical_json(), shapes=str(shapes))
    assert together(2, tmp_path / "run", source) == [["stopped", "finished", True]] * 2
