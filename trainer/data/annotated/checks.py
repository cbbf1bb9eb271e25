"""Owns the checks on annotated boxes: broken ones are skipped and counted. Loads no torch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trainer.data.annotated.boxes import Objects
from trainer.manifest import BadDataSet

# COCO 2017's training set has 860,001 boxes.
MOST_BOXES = 900_000
MOST_BOXES_OF_AN_IMAGE = 10_000
Sides = tuple[float, float, float, float]


@dataclass(frozen=True)
class RawBox:
    """A box as it was annotated: sides in the form of trainer/data/annotated/boxes.py, unchecked."""

    name: str
    sides: Sides
    is_difficult: bool = False
    is_crowd: bool = False


@dataclass
class Remarks:
    """Counts the boxes that were skipped, and remembers the first of each kind."""

    _cases: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, kind: str, case: str) -> None:
        count, first = self._cases.get(kind, (0, case))
        self._cases[kind] = (count + 1, first)

    def sentences(self) -> tuple[str, ...]:
        return tuple(
            f"1 box {kind} and was skipped: {case}."
            if count == 1
            else f"{count:,} boxes were skipped, each of which {kind}; the first is {case}."
            for kind, (count, case) in self._cases.items()
        )


def checked(
    boxes: Sequence[RawBox], size: tuple[int, int], source: str, labels: Mapping[str, int], remarks: Remarks
) -> Objects:
    """The usable boxes of an image of `size` (width, height); the others are skipped and noted in `remarks`.

    A box that sticks out is cut at the image's edge. Raises BadDataSet for more boxes than an image can have.
    """
    if len(boxes) > MOST_BOXES_OF_AN_IMAGE:
        raise BadDataSet(f"{source} has {len(boxes):,} boxes; at most {MOST_BOXES_OF_AN_IMAGE:,} are allowed.")
    kept = [(box, sides) for box in boxes if (sides := _usable(box, size, source, remarks))]
    if not kept:
        return Objects.none()
    return Objects(
        boxes=np.array([sides for _, sides in kept], dtype=np.float64),
        labels=np.array([labels[box.name] for box, _ in kept], dtype=np.int64),
        difficult=np.array([box.is_difficult for box, _ in kept]),
        crowd=np.array([box.is_crowd for box, _ in kept]),
    )


def _usable(box: RawBox, size: tuple[int, int], source: str, remarks: Remarks) -> Sides | None:
    left, top, right, bottom = box.sides
    width, height = size
    problem = None
    if not all(map(math.isfinite, box.sides)):
        problem = "has a side that isn't a finite number"
    elif right <= left or bottom <= top:
        problem = "is empty"
    elif left >= width or top >= height or right <= 0 or bottom <= 0:
        problem = "lies outside its image"
    if problem:
        remarks.add(problem, f"{box.name} in {source}, from ({left:g}, {top:g}) to ({right:g}, {bottom:g})")
        return None
    return max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
