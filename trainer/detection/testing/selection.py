"""Owns which of the predicted boxes are reported: NMS and, in App. B, box voting."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import batched_nms, box_iou, remove_small_boxes

from trainer.detection.network.regions import Detected
from trainer.detection.parts import Testing

EMPTY = 1e-2  # torchvision's smallest side of a detection, in pixels
VOTERS = 0.5  # IoU from which a box votes (App. B's [6], sec. 3.3)


@dataclass(frozen=True)
class Predictions:
    """For K regions and C classes: `boxes` (K, C, 4), and `scores` (K, C), without the background."""

    boxes: Tensor
    scores: Tensor

    def joined(self, others: "Predictions") -> "Predictions":
        return Predictions(torch.cat((self.boxes, others.boxes)), torch.cat((self.scores, others.scores)))


def select(predictions: Predictions, test: Testing, *, vote: bool) -> Detected:
    """The detections of one image, the best first. Without voting, those of torchvision's RoIHeads."""
    labels = torch.arange(1, predictions.scores.shape[1] + 1, device=predictions.scores.device)
    boxes, scores = predictions.boxes.reshape(-1, 4), predictions.scores.reshape(-1)
    labels = labels.expand_as(predictions.scores).reshape(-1)
    likely = torch.where(scores > test.min_score)[0]
    boxes, scores, labels = boxes[likely], scores[likely], labels[likely]
    large = remove_small_boxes(boxes, EMPTY)
    boxes, scores, labels = boxes[large], scores[large], labels[large]
    kept = batched_nms(boxes, scores, labels, test.nms)[: test.most]
    chosen = _voted(boxes, scores, labels, kept) if vote else boxes[kept]
    return Detected(boxes=chosen, scores=scores[kept], labels=labels[kept])


def _voted(boxes: Tensor, scores: Tensor, labels: Tensor, kept: Tensor) -> Tensor:
    """For each kept box, the mean of the boxes of its class that overlap it, weighted by their scores."""
    votes = (box_iou(boxes[kept], boxes) >= VOTERS) & (labels[kept][:, None] == labels[None, :])
    weights = votes * scores[None, :]
    voted: Tensor = weights @ boxes / weights.sum(dim=1, keepdim=True)
    return voted
