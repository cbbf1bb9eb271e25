"""Tests of one image: without App. B exactly the detector's own, and each part of App. B by what defines it."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.trainer.detection.conftest import lively, small_spec
from trainer.data.annotated.boxes import Detections
from trainer.data.decoding import Pixels, decode
from trainer.detection import parts
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import detect as detect_all
from trainer.detection.pictures import resized
from trainer.detection.spec import DetectionSpec
from trainer.detection.testing.image import Member, Size, detect, sizes
from trainer.detection.testing.method import PYRAMID, Method
from trainer.detection.testing.selection import Predictions, select
from trainer.detection.testing.sight import _lower_of_two
from trainer.process.supervision import Stop

Load = Callable[[DetectionSpec], DetectionData]
SIZE = (96, 64)


def member(data: DetectionData, seed: int = 0, **fields: object) -> Member:
    spec = small_spec(seed=seed, test={"min_score": 0.001, "nms": 0.3, "most": 20}, **fields)
    return Member(lively(spec, seed=seed), spec, data.mean)


def detected(data: DetectionData, members: list[Member], method: Method) -> Detections:
    image = data.splits.test[0]
    picture = decode(data.splits.root / image.path, image.path)

    def pixels(size: Size) -> Pixels:
        return resized(picture, size)

    return detect(members, SIZE, pixels, method)


def same(first: Detections, second: Detections) -> bool:
    return all(np.array_equal(getattr(first, part), getattr(second, part)) for part in ("boxes", "scores", "labels"))


@pytest.mark.parametrize("context", [False, True])
def test_without_app_b_they_are_the_detectors_own(shapes_data: Load, context: bool) -> None:
    data = shapes_data(small_spec())
    only = member(data, context=context)
    own = detect_all(only.detector, only.spec, data, data.splits.test[:1], Stop())
    only.detector.eval()
    assert own is not None
    assert len(own[0].scores) > 3
    assert same(detected(data, [only], Method()), own[0])
    assert same(detected(data, [only], Method(sides=(64,))), own[0])


def test_an_ensemble_of_one_network_twice_has_its_scores(shapes_data: Load) -> None:
    data = shapes_data(small_spec())
    first, second = member(data), member(data, seed=1)
    alone = detected(data, [first], Method())
    twice = detected(data, [first, first], Method())
    np.testing.assert_allclose(twice.scores, alone.scores, atol=1e-6)
    both = detected(data, [first, second], Method())
    assert not same(both, alone)
    assert both.scores.max() <= max(alone.scores.max(), detected(data, [second], Method()).scores.max()) + 0.2


def test_refinement_adds_boxes_and_voting_moves_them(shapes_data: Load) -> None:
    data = shapes_data(small_spec())
    only = member(data)
    plain, refined = detected(data, [only], Method()), detected(data, [only], Method(refine=True))
    voted = detected(data, [only], Method(refine=True, vote=True))
    assert not same(plain, refined)
    assert np.array_equal(refined.scores, voted.scores)
    assert not np.array_equal(refined.boxes, voted.boxes)
    # Every refined detection has an own score or a better one of a union: the best is at least the plain one's.
    assert refined.scores[0] >= plain.scores[0]


def test_multi_scale_testing_merges_two_adjacent_sides(shapes_data: Load) -> None:
    data = shapes_data(small_spec())
    only = member(data)
    assert sizes([only], SIZE, Method(sides=(48, 64, 96))) == {(72, 48), (96, 64), (144, 96)}
    merged = detected(data, [only], Method(sides=(48, 64)))
    assert not same(merged, detected(data, [only], Method()))
    # Two equal sides merge into themselves.
    assert same(detected(data, [only], Method(sides=(64, 64))), detected(data, [only], Method()))


def test_a_region_is_seen_at_the_side_that_brings_it_closest_to_224_and_its_closer_neighbour() -> None:
    scales = torch.tensor(PYRAMID) / 600
    boxes = torch.tensor([[0.0, 0, 224, 224], [0, 0, 280, 280], [0, 0, 5, 5], [0, 0, 900, 900], [0, 0, 150, 150]])
    # 224 is seen best at 600, and at 800 it is closer (in ratio) than at 400.
    assert _lower_of_two(boxes, scales).tolist() == [2, 1, 3, 0, 3]


def test_voting_is_the_mean_of_overlapping_boxes_of_the_class_weighted_by_score() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 12], [40, 40, 60, 60]])
    predictions = Predictions(boxes[:, None].expand(3, 2, 4), torch.tensor([[0.8, 0.1], [0.4, 0.6], [0.5, 0.0]]))
    plain = select(predictions, parts.Testing(nms=0.3), vote=False)
    voted = select(predictions, parts.Testing(nms=0.3), vote=True)
    assert plain["labels"].tolist() == voted["labels"].tolist() == [1, 2, 1]
    assert plain["boxes"].tolist() == [[0, 0, 10, 10], [0, 0, 10, 12], [40, 40, 60, 60]]
    expected = [[0, 0, 10, (0.8 * 10 + 0.4 * 12) / 1.2], [0, 0, 10, (0.6 * 12 + 0.1 * 10) / 0.7], [40, 40, 60, 60]]
    torch.testing.assert_close(voted["boxes"], torch.tensor(expected))
