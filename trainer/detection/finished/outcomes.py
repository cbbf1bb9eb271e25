"""Owns whether each detection is right, for pictures and precision-recall curves. Loads no torch.

It is VOC's rule, at IoU 0.5: from the best score down, a detection belongs to the object of its class that it overlaps
most, and the first one of an object is right. So no outcome depends on detections with a lower score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from trainer.data.annotated.boxes import Detections, Floats, Labels, Objects, overlaps
from trainer.detection.voc_metric import OVERLAP

RECALLS = tuple(step / 100 for step in range(101))


class Outcome(IntEnum):
    """A false alarm; right; or neither, because the object is difficult or the detection lies in a crowd."""

    false_alarm = 0
    right = 1
    neither = 2


@dataclass(frozen=True)
class Judged:
    """For the detections (N,) of an image: the outcome of each, and the position of its object (-1: it has none)."""

    outcomes: Labels
    objects: Labels


@dataclass(frozen=True)
class Curve:
    """By recall in the order of RECALLS: the best precision (percent) there or beyond, and the lowest score that
    reaches it; both None beyond the highest recall.
    """

    precision: tuple[float | None, ...]
    score: tuple[float | None, ...]


def judge(detections: Detections, image: Objects) -> Judged:
    """The outcomes of one image's detections."""
    outcomes = np.full(len(detections.scores), Outcome.false_alarm, np.int64)
    objects = np.full(len(detections.scores), -1, np.int64)
    taken = np.zeros(len(image), bool)
    matrix = np.where(detections.labels[:, None] == image.labels[None, :], overlaps(detections.boxes, image.boxes), 0)
    single = np.where(image.crowd[None, :], 0, matrix)
    for index in np.argsort(-detections.scores, kind="stable") if len(image) else ():
        best = int(single[index].argmax())
        if single[index, best] >= OVERLAP:
            objects[index] = best
            outcomes[index] = _outcome(is_difficult=bool(image.difficult[best]), is_taken=bool(taken[best]))
            taken[best] = True
        elif _lies_in_a_crowd(detections, image, index):
            outcomes[index] = Outcome.neither
    return Judged(outcomes, objects)


def curve(detections: Sequence[Detections], judged: Sequence[Judged], objects: Sequence[Objects], label: int) -> Curve:
    """The curve of one class over images given in the same order."""
    total = sum(int(((image.labels == label) & image.to_train_on).sum()) for image in objects)
    of_class = [each.labels == label for each in detections]
    scores = np.concatenate([each.scores[own] for each, own in zip(detections, of_class, strict=True)])
    outcomes = np.concatenate([each.outcomes[own] for each, own in zip(judged, of_class, strict=True)])
    scores, outcomes = scores[outcomes != Outcome.neither], outcomes[outcomes != Outcome.neither]
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(outcomes[order] == Outcome.right)
    precision = right / np.arange(1, len(right) + 1)
    points = [_point(right, precision, scores[order], percent * total / 100) for percent in range(101) if total]
    points += [(None, None)] * (101 - len(points))
    return Curve(tuple(point[0] for point in points), tuple(point[1] for point in points))


def _outcome(*, is_difficult: bool, is_taken: bool) -> Outcome:
    if is_difficult:
        return Outcome.neither
    return Outcome.false_alarm if is_taken else Outcome.right


def _lies_in_a_crowd(detections: Detections, image: Objects, index: int) -> bool:
    """Whether at least half of the detection lies in a crowd of its class (COCO's rule)."""
    crowds = image.boxes[image.crowd & (image.labels == detections.labels[index])]
    box = detections.boxes[index]
    sides = np.clip(np.minimum(box[2:], crowds[:, 2:]) - np.maximum(box[:2], crowds[:, :2]), 0, None)
    area = float((box[2:] - box[:2]).prod())
    return bool((sides.prod(axis=1) >= OVERLAP * area).any())


def _point(right: Labels, precision: Floats, scores: Floats, least: float) -> tuple[float | None, float | None]:
    """The best precision at `least` right detections or more, and the score at which it is reached."""
    beyond = np.flatnonzero(right >= least - 1e-9)
    if not len(beyond):
        return None, None
    best = beyond[precision[beyond].argmax()]
    return round(100 * float(precision[best]), 4), round(float(scores[best]), 6)
