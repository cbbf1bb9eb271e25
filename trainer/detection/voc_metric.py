"""Owns the average precision of PASCAL VOC: the devkit's VOCevaldet, both forms. Loads no torch.

Own code, because no kept library counts `difficult` objects as the devkit does: they neither reward nor penalise.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from trainer.data.annotated.boxes import Detections, Flags, Floats, Labels, Objects, overlaps

# voc07: the mean of the best precision at recalls 0, 0.1 … 1 (to VOC 2009). area: under the curve (from VOC 2010).
Form = Literal["voc07", "area"]
OVERLAP = 0.5


def average_precision(
    detections: Sequence[Detections], objects: Sequence[Objects], label: int, form: Form
) -> float | None:
    """The AP of one class in percent, over images given in the same order. None if no object of the class counts."""
    total = sum(int((image.labels == label)[~image.difficult].sum()) for image in objects)
    if not total:
        return None
    judged = [_judge(reported.of(label), image, label) for reported, image in zip(detections, objects, strict=True)]
    scores, hits, counts = (np.concatenate(part) for part in zip(*judged, strict=True))
    # Stable, as MATLAB's sort is: among equal scores, the earlier image and detection comes first.
    order = np.argsort(-scores, kind="stable")
    order = order[counts[order]]
    right = np.cumsum(hits[order])
    precision = right / np.arange(1, len(right) + 1)
    return 100 * (_eleven_points(right, precision, total) if form == "voc07" else _area(right, precision, total))


def _judge(detections: Detections, image: Objects, label: int) -> tuple[Floats, Flags, Flags]:
    """For each detection of an image: its score, whether it is right, and whether it counts at all."""
    is_of = image.labels == label
    difficult, taken = image.difficult[is_of], np.zeros(is_of.sum(), bool)
    hits, counts = np.zeros(len(detections.scores), bool), np.ones(len(detections.scores), bool)
    matrix = overlaps(detections.boxes, image.boxes[is_of])
    for index in np.argsort(-detections.scores, kind="stable") if len(taken) else ():
        best = int(matrix[index].argmax())
        if matrix[index, best] < OVERLAP:
            continue
        counts[index] = not difficult[best]
        hits[index] = not difficult[best] and not taken[best]
        taken[best] = True
    return detections.scores, hits, counts


def _eleven_points(right: Labels, precision: Floats, total: int) -> float:
    # In whole numbers: 3 of 10 objects reach the recall 0.3, which 3 * 0.1 in floating point exceeds.
    reached = (precision[10 * right >= point * total] for point in range(11))
    return sum(float(part.max(initial=0.0)) for part in reached) / 11


def _area(right: Labels, precision: Floats, total: int) -> float:
    # Precision is made to fall: at each recall, the best one at this recall or a higher one.
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.diff(right, prepend=0) @ best) / total
