"""Owns the evaluation of a network: one view of every image, no augmentation.

The view is the original image for CIFAR (sec. 4.2), and the centre crop for ImageNet (Fig. 4).
"""

from __future__ import annotations

from dataclasses import dataclass
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


@torch.no_grad()
def evaluate(training: Training, images: Images | Photographs, mean: Tensor, stop: Stop) -> Evaluation | None:
    """Evaluate the network in its run's precision, then return it to training mode. None if a stop was requested
    meanwhile.
    """
    network = training.network.eval()
    try:
        totals = torch.zeros(3, dtype=torch.float64, device=mean.device)  # wrong, wrong in five guesses, loss
        classes = 0
        for inputs, labels in images.views(mean):
            if stop.is_requested:
                return None
            with autocast(mean.device, training.spec):
                logits = network(inputs)
            totals += _count_errors(logits.float(), labels)
            classes = logits.shape[1]
    finally:
        network.train()
    wrong, wrong_in_five, loss = totals.tolist()
    count = len(images)
    return Evaluation(
        error=100 * wrong / count,
        top5_error=100 * wrong_in_five / count if classes > 5 else None,
        loss=loss / count,
        images=count,
    )


def _count_errors(logits: Tensor, labels: Tensor) -> Tensor:
    guesses = logits.topk(min(5, logits.shape[1])).indices
    right = guesses == labels[:, None]
    wrong = (~right[:, 0]).sum()
    wrong_in_five = (~right.any(dim=1)).sum()
    loss = F.cross_entropy(logits, labels, reduction="sum")
    return torch.stack((wrong.double(), wrong_in_five.double(), loss.double()))
