"""Owns what one network sees of an image: its maps at one side or several, its proposals, its scores of regions.

Boxes are in the pixels of a frame that all networks share: the image at the first network's own side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import clip_boxes_to_image

from trainer.detection.network.detector import Detector
from trainer.detection.network.inputs import Inputs
from trainer.detection.testing.selection import Predictions

# Multi-scale testing sees a region at the side at which it is closest to this one ([12]: the networks' input).
REGION_SIDE = 224


@dataclass(frozen=True)
class View:
    """An image at one side. `factors` (4,) bring a box of the frame into it."""

    inputs: Inputs
    maps: Tensor
    factors: Tensor


class Sight:
    """A network's views of an image: at its own side, and those that regions are classified in, smallest first.

    `frame` is the (height, width) that boxes are cut at.
    """

    def __init__(self, detector: Detector, own: View, classified: Sequence[View], frame: tuple[int, int]) -> None:
        self._detector = detector
        self._own = own
        self._classified = classified
        self._frame = frame

    def propose(self) -> Tensor:
        """The proposals (K, 4). App. B proposes at one side only."""
        (proposals,), _ = self._detector.rpn(self._own.inputs, self._own.maps)
        boxes: Tensor = proposals / self._own.factors
        return boxes

    def classify(self, boxes: Tensor) -> Predictions:
        """The predictions for regions (K, 4)."""
        regions = self._detector.roi_heads
        logits, offsets = regions.classify(self._features(boxes))
        decoded = clip_boxes_to_image(regions.box_coder.decode(offsets, [boxes]), self._frame)
        return Predictions(decoded[:, 1:], logits.softmax(dim=1)[:, 1:])

    def _features(self, boxes: Tensor) -> Tensor:
        """The features (K, F) of regions: the maximum over two adjacent sides, if there are several (App. B)."""
        if len(self._classified) == 1:
            return self._features_in(self._classified[0], boxes)
        lower = _lower_of_two(boxes, torch.stack([view.factors[:2].mean() for view in self._classified]))
        features: Tensor | None = None
        for index, view in enumerate(self._classified):
            rows = torch.where((lower == index) | (lower == index - 1))[0]
            if not len(rows):
                continue
            here = self._features_in(view, boxes[rows])
            if features is None:
                features = here.new_full((len(boxes), here.shape[1]), -torch.inf)
            features[rows] = torch.maximum(features[rows], here)
        return boxes.new_zeros((0, 0)) if features is None else features

    def _features_in(self, view: View, boxes: Tensor) -> Tensor:
        features: Tensor = self._detector.roi_heads.features(view.maps, [boxes * view.factors], view.inputs.sizes)
        return features


def _lower_of_two(boxes: Tensor, scales: Tensor) -> Tensor:
    """For each box (K, 4), the position of the smaller of its two adjacent scales (S,), which ascend.

    One is the scale at which the box is closest to REGION_SIDE, the other its neighbour that comes closer.
    """
    sides = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).clamp(min=1e-6).sqrt()
    distances = (sides[:, None] * scales[None, :] / REGION_SIDE).log().abs()
    # Distance grows on both sides of the best scale, so the two closest are adjacent.
    return (distances[:, 1:] + distances[:, :-1]).argmin(dim=1)
