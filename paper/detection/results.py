"""Owns what a verdict or a claim knows of a detector that was tested: its specification, the test, its mAP."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from paper.detection.recipes import PAPER_SIDE, Measure, Row
from trainer.detection.spec import DetectionNetwork, DetectionSpec
from trainer.detection.testing.method import Method


@dataclass(frozen=True)
class DetectionResult:
    """mAP in percent, at the last iteration. `method` is how the weights were tested.

    `stands_for` is the network of the paper in whose place this one was trained, which departs from the protocol.
    """

    spec: DetectionSpec
    map: float
    map_50: float
    map_50_95: float
    method: Method = field(default_factory=Method)
    stands_for: DetectionNetwork | None = None

    def value(self, measure: Measure) -> float:
        return {"map": self.map, "map_50": self.map_50, "map_50_95": self.map_50_95}[measure]


def of_row(results: Sequence[DetectionResult], row: Row) -> list[DetectionResult]:
    """The results of a table's row, one for each seed."""
    detector = row.detector
    return [
        each
        for each in results
        if (each.stands_for or each.spec.network, each.spec.context) == (detector.network, detector.context)
        and each.method == row.method.at_side(each.spec.side, PAPER_SIDE)
    ]
