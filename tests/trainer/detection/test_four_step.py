"""Training in [32]'s four steps: what each step trains, its learning rates, and that a stop changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.trainer.conftest import CPU
from tests.trainer.detection.conftest import small_spec
from trainer.detection.batches import DetectionBatches
from trainer.detection.data import DetectionData
from trainer.detection.network.detector import Detector
from trainer.detection.network.four_step import FourStepDetector
from trainer.detection.network.inputs import Inputs
from trainer.detection.spec import DetectionSpec
from trainer.detection.task import Detection
from trainer.detection.training import COLUMNS, begin, step
from trainer.environment import Environment
from trainer.events import Event, Saved, Stopped
from trainer.loop import run
from trainer.process.supervision import Stop
from trainer.schedule import Rate, planned_drops

Load = Callable[[DetectionSpec], DetectionData]
SPEC = small_spec(training="four_step", iterations=6, batch_size=1)


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The parts with a weight that differs: backbone, rpn, roi_heads, proposer.backbone, proposer.rpn."""
    names = (name for name, value in before.items() if not torch.equal(value, after[name]))
    return {".".join(name.split(".")[: 2 if name.startswith("proposer") else 1]) for name in names}


def test_each_step_trains_its_own_layers(shapes_data: Load) -> None:
    data = shapes_data(SPEC)
    training = begin(SPEC, 2, "", CPU)
    batches, network = DetectionBatches(SPEC, data), training.network
    assert isinstance(network, FourStepDetector)
    parts, rows, trunks = [], [], []
    for iteration in range(1, 7):
        before = {name: value.clone() for name, value in network.state_dict().items()}
        rows.append(dict(zip(COLUMNS, step(training, batches.at(iteration), 0, 0.01).tolist(), strict=True)))
        parts.append(changed(before, network.state_dict()))
        trunks.append(network.backbone.state_dict()["layer3.0.conv1.weight"].clone())
    assert SPEC.restarts == (2, 3, 5)
    # In its first iteration a step may also copy: step 3 the detector's trunk.
    assert parts[1] == {"proposer.backbone", "proposer.rpn"}
    assert parts[2] == {"backbone", "roi_heads"}
    assert parts[3] == {"proposer.backbone", "proposer.rpn"}
    assert parts[4] == {"proposer.rpn"}
    assert parts[5] == {"roi_heads"}
    for row, is_proposing in zip(rows, (True, True, False, True, True, False), strict=True):
        assert (row["rpn_class_loss"] > 0) == is_proposing
        assert (row["class_loss"] > 0) != is_proposing
    assert torch.equal(trunks[2], trunks[5])
    assert not torch.equal(trunks[1], trunks[2])
    # Now both share one trunk, and a plain detector with the saved weights detects the same.
    assert changed(network.backbone.state_dict(), network.proposer.backbone.state_dict()) == set()
    plain = Detector(SPEC, 2)
    plain.load_state_dict(network.plain_state(), strict=True)
    images = batches.at(1).images
    with torch.no_grad():
        ours, theirs = (
            detector.eval()(Inputs(images, ((64, 96),), (1.0,)))[0][0]["boxes"] for detector in (network, plain)
        )
    assert torch.equal(ours, theirs)


@pytest.mark.long
def test_a_run_that_stopped_in_every_step_ends_with_the_same_weights(shapes_data: Load, tmp_path: Path) -> None:
    def train(workdir: Path, until: int | None = None) -> list[Event]:
        workdir.mkdir(exist_ok=True)
        environment = Environment(workdir, CPU, Stop(), until=until)
        return list(run(Detection(SPEC, shapes_data(SPEC), environment), environment))

    for until in (2, 4, 5):
        assert isinstance(train(tmp_path / "parts", until)[-1], Stopped)
    ends = [
        [event.sha256 for event in train(tmp_path / name) if isinstance(event, Saved) and event.role == "weights"][-2:]
        for name in ("parts", "whole")
    ]
    assert ends[0] == ends[1]


def test_every_step_begins_with_the_initial_rate() -> None:
    spec = small_spec(training="four_step", iterations=12)
    assert (spec.restarts, spec.schedule.at) == ((4, 6, 10), (3, 5, 9, 11))
    rates = [round(Rate(spec).at(iteration) / spec.lr, 6) for iteration in range(1, 13)]
    assert rates == [1, 1, 1, 0.1, 1, 0.1, 1, 1, 1, 0.1, 1, 0.1]
    assert [drop.iteration for drop in planned_drops(spec)] == [3, 5, 9, 11]
    assert [drop.lr for drop in planned_drops(spec)] == pytest.approx([0.001] * 4)


@pytest.mark.parametrize(
    ("dataset", "ends", "drops"),
    [
        ("voc07+12", (80_000, 120_000, 200_000), (60_000, 110_000, 180_000, 230_000)),
        ("coco", (320_000, 640_000, 960_000), (240_000, 560_000, 880_000, 1_200_000)),
    ],
)
def test_the_steps_have_the_papers_lengths(dataset: str, ends: tuple[int, ...], drops: tuple[int, ...]) -> None:
    spec = DetectionSpec.model_validate({"task": "detection", "dataset": dataset, "training": "four_step"})
    assert (spec.restarts, spec.schedule.at) == (ends, drops)


def test_fewer_iterations_than_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="iterations must be at least 6 for four steps"):
        small_spec(training="four_step", iterations=5)
