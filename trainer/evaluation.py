"""Owns the judging of a network: one view of every image, no augmentation.

It is the original image for CIFAR (sec. 4.2), and the centre crop for ImageNet (Fig. 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.data.images import Images
from trainer.process.supervision import Stop

if TYPE_CHECKING:
    from trainer.data.photographs import Photographs  # Pillow is no part of every start


@dataclass(frozen=True)
class Result:
    """Errors in percent of `images`; `loss` is the mean cross-entropy. Top-5 says nothing of five classes or fewer."""

    error: float
    top5_error: float | None
    loss: float
    images: int


@torch.no_grad()
def evaluate(network: nn.Module, images: Images | Photographs, mean: Tensor, stop: Stop) -> Result | None:
    """Judge the network in evaluation mode and put it back in training mode. None where a stop came between."""
    network.eval()
    try:
        totals = torch.zeros(3, dtype=torch.float64, device=mean.device)  # wrong, wrong in five guesses, loss
        classes = 0
        for inputs, labels in images.views(mean):
            if stop.asked:
                return None
            logits = network(inputs).float()
            totals += _judge(logits, labels)
            classes = logits.shape[1]
    finally:
        network.train()
    wrong, wrong_in_five, loss = totals.tolist()
    count = len(images)
    return Result(
        error=100 * wrong / count,
        top5_error=100 * wrong_in_five / count if classes > 5 else None,
        loss=loss / count,
        images=count,
    )


def _judge(logits: Tensor, labels: Tensor) -> Tensor:
    guesses = logits.topk(min(5, logits.shape[1])).indices
    right = guesses == labels[:, None]
    wrong = (~right[:, 0]).sum()
    wrong_in_five = (~right.any(dim=1)).sum()
    loss = F.cross_entropy(logits, labels, reduction="sum")
    return torch.stack((wrong.double(), wrong_in_five.double(), loss.double()))
