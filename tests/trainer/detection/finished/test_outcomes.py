"""Which detections are right: VOC's rule on cases made by hand, and its agreement with average precision."""

import numpy as np
import pytest

from trainer.data.annotated.boxes import Detections, Objects
from trainer.detection import voc_metric
from trainer.detection.finished.outcomes import Outcome, curve, judge

BOX = (0.0, 0.0, 10.0, 10.0)
FAR = (50.0, 50.0, 60.0, 60.0)


def objects(
    *boxes: tuple[float, ...], labels: tuple[int, ...] = (), difficult: bool = False, crowd: bool = False
) -> Objects:
    count = len(boxes)
    return Objects(np.array(boxes), np.array(labels or (1,) * count), np.full(count, difficult), np.full(count, crowd))


def detections(*boxes: tuple[float, ...], labels: tuple[int, ...] = ()) -> Detections:
    """From the best score down."""
    scores = np.linspace(0.9, 0.1, len(boxes))
    return Detections(np.array(boxes), scores, np.array(labels or (1,) * len(boxes)))


def test_the_first_detection_of_an_object_is_right_and_the_second_a_false_alarm() -> None:
    judged = judge(detections(BOX, FAR, BOX), objects(FAR, BOX))
    assert judged.outcomes.tolist() == [Outcome.right, Outcome.right, Outcome.false_alarm]
    assert judged.objects.tolist() == [1, 0, 1]


def test_another_class_is_another_object() -> None:
    judged = judge(detections(BOX, BOX, labels=(2, 1)), objects(BOX, labels=(1,)))
    assert judged.outcomes.tolist() == [Outcome.false_alarm, Outcome.right]
    assert judged.objects.tolist() == [-1, 0]


def test_difficult_objects_and_crowds_count_neither_way() -> None:
    assert judge(detections(BOX, BOX), objects(BOX, difficult=True)).outcomes.tolist() == [Outcome.neither] * 2
    # In a crowd even a box that is much smaller.
    crowd = objects((0.0, 0.0, 100.0, 100.0), crowd=True)
    assert judge(detections(BOX, FAR), crowd).outcomes.tolist() == [Outcome.neither] * 2
    assert judge(detections(BOX), objects((5.0, 5.0, 100.0, 100.0), crowd=True)).outcomes[0] == Outcome.false_alarm


def test_without_objects_every_detection_is_a_false_alarm() -> None:
    judged = judge(detections(BOX), Objects.none())
    assert judged.outcomes.tolist() == [Outcome.false_alarm]
    empty = curve([detections(BOX)], [judged], [Objects.none()], 1)
    assert set(empty.precision) == set(empty.score) == {None}


@pytest.mark.parametrize("seed", range(4))
def test_the_curve_at_eleven_recalls_gives_the_11_point_precision(seed: int) -> None:
    chance = np.random.default_rng(seed)
    truths, reported = [], []
    for _ in range(6):
        count = int(chance.integers(1, 6))
        corner = chance.uniform(0, 80, (count, 2))
        boxes = np.hstack((corner, corner + 20))
        truths.append(Objects(boxes, np.ones(count, np.int64), chance.random(count) < 0.2, np.zeros(count, bool)))
        guesses = np.vstack((boxes, boxes)) + chance.normal(0, 4, (2 * count, 4))
        reported.append(Detections(guesses, chance.random(2 * count), np.ones(2 * count, np.int64)))
    judged = [judge(own, truth) for own, truth in zip(reported, truths, strict=True)]
    drawn = curve(reported, judged, truths, 1)
    eleven = [drawn.precision[percent] or 0 for percent in range(0, 101, 10)]
    assert sum(eleven) / 11 == pytest.approx(voc_metric.average_precision(reported, truths, 1, "voc07"), abs=1e-3)
    scores = [score for score in drawn.score if score is not None]
    assert scores == sorted(scores, reverse=True)
