"""Owns the scores of finished networks: softmax averaged over views and weights, and the errors that result.

10-crop and multi-scale average the softmax, not the logits, as in the authors' release.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from trainer.finished.model import Model


@torch.no_grad()
def probabilities(models: Sequence[Model], views: Sequence[Tensor]) -> Tensor:
    """Float64 (N, classes): the mean over models and views of the softmax.

    A view is uint8 (N, 3, H, W); the sizes of the views may differ. In float64, so that a confident network's
    probabilities do not tie where its logits differ.
    """
    scores = [model.logits(view).softmax(dim=1) for model in models for view in views]
    return torch.stack(scores).mean(dim=0)


class Tally:
    """Counts of right and wrong predictions, on the device until they are read."""

    def __init__(self, classes: int, device: torch.device) -> None:
        self._confusion = torch.zeros(classes, classes, dtype=torch.int64, device=device)
        self._wrong_in_five = torch.zeros((), dtype=torch.int64, device=device)
        self._loss = torch.zeros((), dtype=torch.float64, device=device)

    def add(self, scores: Tensor, labels: Tensor) -> None:
        """Probabilities (N, classes) and labels (N,)."""
        guesses = scores.topk(min(5, scores.shape[1])).indices
        cells = labels * scores.shape[1] + guesses[:, 0]
        self._confusion += torch.bincount(cells, minlength=scores.shape[1] ** 2).reshape_as(self._confusion)
        self._wrong_in_five += (guesses != labels[:, None]).all(dim=1).sum()
        # 1e-300 is within float64: the loss of a certain but wrong prediction stays finite.
        self._loss -= scores.gather(1, labels[:, None]).clamp_min(1e-300).log().sum()

    @property
    def images(self) -> int:
        return int(self._confusion.sum())

    @property
    def error(self) -> float:
        """Top-1, percent."""
        return 100 * (self.images - int(self._confusion.trace())) / self.images

    @property
    def top5_error(self) -> float | None:
        """Percent; None for five classes or fewer, where it is meaningless."""
        return 100 * int(self._wrong_in_five) / self.images if len(self._confusion) > 5 else None

    @property
    def loss(self) -> float:
        """The mean of −log of the averaged probability of the right class."""
        return float(self._loss) / self.images

    @property
    def confusion(self) -> list[list[int]]:
        """`confusion[label][guess]` in images."""
        rows: list[list[int]] = self._confusion.tolist()
        return rows
