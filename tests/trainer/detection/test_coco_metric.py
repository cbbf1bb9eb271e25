"""COCO's average precision, against pycocotools."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from trainer.data.annotated.boxes import Detections, Objects
from trainer.detection import coco_metric

CLASSES = 3


def random_images(seed: int) -> tuple[list[Detections], list[Objects]]:
    """Objects, a crowd here and there, and detections that are shifted objects or somewhere else."""
    chance = np.random.default_rng(seed)
    scored, truths = [], []
    for _ in range(8):
        count = int(chance.integers(0, 7))
        corner = chance.uniform(0, 300, (count, 2))
        boxes = np.hstack((corner, corner + chance.uniform(5, 200, (count, 2))))
        labels = chance.integers(1, CLASSES + 1, count)
        truths.append(Objects(boxes, labels, np.zeros(count, bool), chance.random(count) < 0.2))
        strays = chance.uniform(0, 300, (4, 2))
        guesses = np.vstack((boxes + chance.normal(0, 6, boxes.shape), np.hstack((strays, strays + 50))))
        guesses[:, 2:] = np.maximum(guesses[:, 2:], guesses[:, :2] + 1)
        guessed = np.concatenate((labels, chance.integers(1, CLASSES + 1, 4)))
        scored.append(Detections(guesses, chance.random(len(guesses)), guessed))
    return scored, truths


def with_pycocotools(scored: list[Detections], truths: list[Objects]) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco_metric._truth(truths, CLASSES)
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(coco_metric._rows(scored)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    by_class = [evaluation.eval["precision"][:, :, label, 0, -1].mean() for label in range(CLASSES)]
    return [100 * float(value) for value in (*evaluation.stats[:3], *by_class)]


@pytest.mark.parametrize("seed", range(5))
def test_equals_pycocotools(seed: int) -> None:
    scored, truths = random_images(seed)
    scores = coco_metric.score(scored, truths, CLASSES)
    ours = [scores.ap, scores.ap_50, scores.ap_75, *scores.by_class]
    assert ours == pytest.approx(with_pycocotools(scored, truths), abs=1e-5)
    assert scores.ap is not None
    assert scores.ap_50 is not None
    assert 0 < scores.ap < scores.ap_50 < 100


def test_a_detection_in_a_crowd_is_not_a_false_one() -> None:
    box = np.array([[0.0, 0.0, 100.0, 100.0], [200.0, 200.0, 300.0, 300.0]])
    truth = Objects(box, np.array([1, 1]), np.zeros(2, bool), np.array([True, False]))
    inside = np.array([[10.0, 10.0, 30.0, 30.0], [40.0, 40.0, 60.0, 60.0], [200.0, 200.0, 300.0, 300.0]])
    scored = Detections(inside, np.array([0.9, 0.8, 0.7]), np.ones(3, np.int64))
    assert coco_metric.score([scored], [truth], 1).ap == pytest.approx(100)


def test_without_detections_the_score_is_zero_and_without_objects_there_is_none() -> None:
    nothing = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    truth = Objects(np.array([[0.0, 0.0, 9.0, 9.0]]), np.array([1]), np.zeros(1, bool), np.zeros(1, bool))
    scores = coco_metric.score([nothing], [truth], 2)
    assert (scores.ap, scores.ap_50, scores.by_class[0]) == (0, 0, 0)
    assert scores.by_class[1] is None
    guess = Detections(np.array([[0.0, 0.0, 9.0, 9.0]]), np.ones(1), np.ones(1, np.int64))
    assert coco_metric.score([guess], [Objects.none()], 1).ap is None
