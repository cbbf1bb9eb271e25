"""Owns the test of one image by one network or several: propose, classify, refine, select (App. B)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.data.annotated.boxes import Detections
from trainer.data.decoding import Pixels
from trainer.detection.data import to_input
from trainer.detection.network.detector import Detector
from trainer.detection.network.inputs import Inputs, stack
from trainer.detection.network.regions import Detected
from trainer.detection.pictures import sized
from trainer.detection.spec import DetectionSpec
from trainer.detection.testing.method import Method
from trainer.detection.testing.selection import Predictions, select
from trainer.detection.testing.sight import Sight, View
from trainer.process.device import autocast

Size = tuple[int, int]


@dataclass(frozen=True)
class Member:
    """A network of the ensemble, in evaluation mode. `mean` float32 (3, 1, 1) in 0-255."""

    detector: Detector
    spec: DetectionSpec
    mean: Tensor

    def own_size(self, size: Size) -> Size:
        """Width and height at which it sees an image of this size."""
        return sized(size, self.spec.side, self.spec.longest)

    def sizes(self, size: Size, method: Method) -> list[Size]:
        """Those at which it classifies regions. The longest side allowed grows with the shorter one."""
        longest = self.spec.longest / self.spec.side
        return [sized(size, side, longest * side) for side in method.sides] or [self.own_size(size)]


def sizes(members: Sequence[Member], size: Size, method: Method) -> set[Size]:
    """Every width and height at which the test of an image of this size needs its pixels."""
    return {each for member in members for each in (member.own_size(size), *member.sizes(size, method))}


@torch.no_grad()
def detect(members: Sequence[Member], size: Size, pixels: Callable[[Size], Pixels], method: Method) -> Detections:
    """The detections in an image of `size` (width, height), in its own pixels; `pixels` gives it at another size.

    Several networks share the union of their proposals; their scores and boxes are averaged (App. B does not say how).
    """
    first = members[0]
    frame = first.own_size(size)
    with autocast(first.mean.device, first.spec):
        sights = [_sight(member, size, pixels, method, frame) for member in members]
        predictions = _classify(sights, torch.cat([sight.propose() for sight in sights]))
        if method.refine:
            predictions = predictions.joined(_classify(sights, _regressed(predictions)))
    return _in_own_pixels(select(predictions, first.spec.test, vote=method.vote), size, frame)


def _sight(member: Member, size: Size, pixels: Callable[[Size], Pixels], method: Method, frame: Size) -> Sight:
    def view(scaled: Size) -> View:
        images, sizes = stack([to_input(pixels(scaled), member.mean)])
        factors = torch.tensor([scaled[0] / frame[0], scaled[1] / frame[1]] * 2, device=images.device)
        return View(Inputs(images, sizes, (scaled[0] / size[0],)), member.detector.backbone(images), factors)

    own, others = member.own_size(size), member.sizes(size, method)
    views = {scaled: view(scaled) for scaled in dict.fromkeys((own, *others))}
    return Sight(member.detector, views[own], [views[scaled] for scaled in others], (frame[1], frame[0]))


def _classify(sights: Sequence[Sight], boxes: Tensor) -> Predictions:
    predictions = [sight.classify(boxes) for sight in sights]
    return Predictions(
        torch.stack([each.boxes for each in predictions]).mean(dim=0),
        torch.stack([each.scores for each in predictions]).mean(dim=0),
    )


def _regressed(predictions: Predictions) -> Tensor:
    """The box of each region's likeliest class: App. B pools "a new feature from the regressed box"."""
    likeliest = predictions.scores.argmax(dim=1)
    return predictions.boxes[torch.arange(len(likeliest), device=likeliest.device), likeliest]


def _in_own_pixels(detected: Detected, size: Size, frame: Size) -> Detections:
    factors = np.array([size[0] / frame[0], size[1] / frame[1]] * 2)
    boxes, scores, labels = (detected[part].double().cpu().numpy() for part in ("boxes", "scores", "labels"))
    return Detections(boxes * factors, scores, labels.astype(np.int64))
