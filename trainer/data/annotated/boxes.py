"""Owns the form of boxes: the objects of an image, and what a detector reports for it. Loads no torch.

A box is left, top, right, bottom in pixels from the image's upper left corner, without a "+1": the pixel in column 0
and row 0 is the box 0, 0, 1, 1. Labels count from 1; 0 is the background.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Objects:
    """The N annotated objects of one image: `boxes` (N, 4), the rest (N,).

    A detection of a `difficult` object (VOC) is neither right nor wrong. A `crowd` box (COCO) covers many objects:
    detections inside it don't count as false.
    """

    boxes: Floats
    labels: Labels
    difficult: Flags
    crowd: Flags

    @classmethod
    def none(cls) -> Self:
        return cls(np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, bool))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def to_train_on(self) -> Flags:
        """(N,): the objects that a network learns from. Difficult ones and crowds are left out, as in [32]."""
        return ~(self.difficult | self.crowd)


@dataclass(frozen=True)
class Detections:
    """What a detector reports for one image: `boxes` (N, 4), `scores` and `labels` (N,)."""

    boxes: Floats
    scores: Floats
    labels: Labels

    def of(self, label: int) -> "Detections":
        is_of = self.labels == label
        return Detections(self.boxes[is_of], self.scores[is_of], self.labels[is_of])


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """The intersection over union of every pair: (N, 4) and (M, 4) to (N, M)."""
    corner = np.maximum(boxes[:, None, :2], others[None, :, :2])
    opposite = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    intersection = np.clip(opposite - corner, 0, None).prod(axis=2)
    areas = ((part[:, 2:] - part[:, :2]).prod(axis=1) for part in (boxes, others))
    first, second = areas
    union = first[:, None] + second[None, :] - intersection
    shares: Floats = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return shares
