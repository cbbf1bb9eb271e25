"""Owns the judging of a network: the single original view of every image, no augmentation (sec. 4.2)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.data.batches import normalise
from trainer.data.images import Images
from trainer.supervision import Stop

BATCH = 500


@dataclass(frozen=True)
class Result:
    """Errors in percent of `images`; `loss` is the mean cross-entropy. Top-5 says nothing of five classes or fewer."""

    error: float
    top5_error: float | None
    loss: float
    images: int


@torch.no_grad()
def evaluate(network: nn.Module, images: Images, mean: Tensor, stop: Stop) -> Result | None:
    """Judge the network in evaluation mode and put it back in training mode. None where a stop came between."""
    network.eval()
    try:
        totals = torch.zeros(3, dtype=torch.float64, device=mean.device)  # wrong, wrong in five guesses, loss
        classes = 0
        for pixels, labels in zip(torch.split(images.pixels, BATCH), torch.split(images.labels, BATCH), strict=True):
            if stop.asked:
                return None
            logits = network(normalise(pixels, mean)).float()
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
