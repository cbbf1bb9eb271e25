"""What the detector sees: images scaled and mirrored with their boxes, the same at every start."""

from collections.abc import Callable

import pytest
import torch

from tests.trainer.data.annotated.layouts import COLOURS
from tests.trainer.detection.conftest import small_spec
from trainer.data.annotated.boxes import Objects
from trainer.data.annotated.splits import AnnotatedImage
from trainer.detection.batches import DetectionBatches, choices
from trainer.detection.data import DetectionData
from trainer.detection.network.inputs import Inputs
from trainer.detection.pictures import scaled_size
from trainer.detection.spec import DetectionSpec
from trainer.process.ranks import Ranks

Load = Callable[[DetectionSpec], DetectionData]
NAMES = ("cat", "dog")


@pytest.mark.parametrize("side", [48, 64, 96])
def test_the_middle_of_every_box_has_the_colour_of_its_class(shapes_data: Load, side: int) -> None:
    spec = small_spec(side=side, longest=200, batch_size=6, iterations=2)
    data = shapes_data(spec)
    assert set(choices(spec, 1).tolist()) == {True, False}
    for iteration in (1, 2):
        inputs = DetectionBatches(spec, data).at(iteration)
        assert inputs.images.shape[0] == 6
        assert all(size % 16 == 0 for size in inputs.images.shape[2:])
        assert inputs.sizes == ((side, side * 96 // 64),) * 6
        assert inputs.scales == (side / 64,) * 6
        assert inputs.targets is not None
        for image, target in zip(inputs.images + data.mean, inputs.targets, strict=True):
            for (left, top, right, bottom), label in zip(
                target["boxes"].tolist(), target["labels"].tolist(), strict=True
            ):
                colour = image[:, int(top + bottom) // 2, int(left + right) // 2]
                assert (colour - torch.tensor(COLOURS[NAMES[label - 1]])).abs().max() < 40
                # And the pixel before the box is the grey background.
                before = image[:, int(top + bottom) // 2, max(int(left) - 3, 0)]
                assert (before - 115).abs().max() < 60


def same(first: Inputs, second: Inputs) -> bool:
    assert first.targets is not None
    assert second.targets is not None
    pairs = zip(first.targets, second.targets, strict=True)
    return torch.equal(first.images, second.images) and all(torch.equal(a["boxes"], b["boxes"]) for a, b in pairs)


def test_an_iteration_is_the_same_after_a_restart_and_another_in_the_next(shapes_data: Load) -> None:
    spec = small_spec(iterations=5)
    data = shapes_data(spec)
    batches = DetectionBatches(spec, data)
    seen = [batches.at(iteration) for iteration in range(1, 6)]
    assert same(seen[3], DetectionBatches(spec, data).at(4))
    assert not same(seen[3], seen[4])


def test_devices_share_the_mini_batch_of_one(shapes_data: Load) -> None:
    spec = small_spec(batch_size=4, devices=2)
    data = shapes_data(spec)
    whole = DetectionBatches(spec, data).at(1)
    first, second = (DetectionBatches(spec, data, Ranks(rank, 2)) for rank in (0, 1))
    assert torch.equal(whole.images, torch.cat((first.at(1).images, second.at(1).images)))
    assert (first.first, second.first) == (0, 2)


def test_without_augmentation_no_image_is_mirrored() -> None:
    assert not choices(small_spec(augment="none", batch_size=64), 1).any()
    mirrored = torch.cat([choices(small_spec(batch_size=64), iteration) for iteration in range(1, 20)]).float().mean()
    assert 0.45 < mirrored < 0.55


@pytest.mark.parametrize(
    ("size", "expected"),
    [((500, 375), (800, 600)), ((375, 500), (600, 800)), ((1000, 300), (1000, 300)), ((640, 480), (800, 600))],
)
def test_the_shorter_side_is_600_unless_the_longer_would_exceed_1000(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    spec = DetectionSpec.model_validate({"task": "detection", "dataset": "voc07+12"})
    assert scaled_size(AnnotatedImage("a.jpg", *size, Objects.none()), spec) == expected
