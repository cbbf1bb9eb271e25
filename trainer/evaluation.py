"""Owns the evaluation of a network: one view of every image, no augmentation; each rank of a run evaluates a part.

The view is the original image for CIFAR (sec. 4.2), and the centre crop for ImageNet (Fig. 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.data.images import Images
from trainer.process.device import autocast
from trainer.process.supervision import Stop
from trainer.training import Training

if TYPE_CHECKING:
    from trainer.data.photographs import Photographs  # Pillow is imported on first use


@dataclass(frozen=True)
class Evaluation:
    """Errors are percent of `images`, `loss` is the mean cross-entropy. Top-5 is None for five classes or fewer."""

    error: float
    top5_error: float | None
    loss: float
    images: int


def evaluate(training: Training, images: Images | Photographs, mean: Tensor, stop: Stop) -> Evaluation | None:
    """Evaluate the network in its run's precision, then return it to training mode. None, on all ranks, if a stop was
    requested meanwhile.

    Every rank has the same weights and statistics. What each batch counts, and the order in which the counts are added,
    do not depend on the number of ranks.
    """
    ranks = training.ranks
    size = images.views_per_batch
    batches = math.ceil(len(images) / size)
    part = ranks.part(batches)
    counts = _evaluate_part(training, images.cut(slice(part.start * size, part.stop * size)), mean, stop)
    if ranks.any(counts is None) or counts is None:
        return None
    rows = torch.stack(counts).cpu() if counts else torch.zeros(0, 3)
    wrong, wrong_in_five, loss = reduce(torch.add, ranks.pool(rows, part.start, batches)).tolist()
    count = len(images)
    return Evaluation(
        error=100 * wrong / count,
        top5_error=None if math.isnan(wrong_in_five) else 100 * wrong_in_five / count,
        loss=loss / count,
        images=count,
    )


@torch.no_grad()
def _evaluate_part(training: Training, images: Images | Photographs, mean: Tensor, stop: Stop) -> list[Tensor] | None:
    """What each batch counts, float64 (3,) on the device. None if a stop was requested meanwhile."""
    counts = []
    network = training.network.eval()
    try:
        for inputs, labels in images.views(mean) if len(images) else ():
            if training.ranks.hears_stop(stop):
                return None
            with autocast(mean.device, training.spec):
                logits = network(inputs)
            counts.append(_count_errors(logits.float(), labels))
    finally:
        network.train()
    return counts


def _count_errors(logits: Tensor, labels: Tensor) -> Tensor:
    """How many of the batch are wrong and wrong in five guesses, and the sum of their losses.

    float64 (3,) on the device. Five guesses among five classes or fewer say nothing: nan.
    """
    guesses = logits.topk(min(5, logits.shape[1])).indices
    right = guesses == labels[:, None]
    wrong = (~right[:, 0]).sum()
    wrong_in_five = (~right.any(dim=1)).sum().double()
    loss = F.cross_entropy(logits, labels, reduction="sum")
    if logits.shape[1] <= 5:
        wrong_in_five.fill_(math.nan)
    return torch.stack((wrong.double(), wrong_in_five, loss.double()))
