"""Owns what is drawn inside the network in training: anchors, regions and VGG's dropout.

Torchvision draws from torch's global generator, so that no resumed run would be exact. Here every draw is a function of
(seed, purpose, iteration, image), as everywhere in the trainer.
"""

import torch
from torch import Tensor, nn
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler

from trainer.chance import generator


class Chance:
    """The draws of the iteration that is being trained. `first` is the position of this rank's first image."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.iteration = 0
        self.first = 0

    def source(self, purpose: str, image: int = 0) -> torch.Generator:
        return generator(self._seed, f"{purpose}/{self.first + image}", self.iteration)


class Sampler(BalancedPositiveNegativeSampler):  # type: ignore[misc]  # torchvision has no types
    """Samples positives up to their share and fills up with negatives, as torchvision's sampler does."""

    def __init__(self, batch: int, positive_share: float, chance: Chance, purpose: str) -> None:
        super().__init__(batch, positive_share)
        self._chance = chance
        self._purpose = purpose

    def __call__(self, labels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Labels (N,) by image (1 and up positive, 0 negative, -1 ignored) to two masks (N,) by image."""
        masks = [self._sample(each, self._chance.source(self._purpose, image)) for image, each in enumerate(labels)]
        return [positive for positive, _ in masks], [negative for _, negative in masks]

    def _sample(self, labels: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
        most = int(self.batch_size_per_image * self.positive_fraction)
        positive = _draw(torch.where(labels >= 1)[0], most, source)
        negative = _draw(torch.where(labels == 0)[0], self.batch_size_per_image - len(positive), source)
        return _mask(positive, labels), _mask(negative, labels)


class Dropout(nn.Module):
    """Drops half of the features of each region in training ([32]'s VGG-16)."""

    def __init__(self, chance: Chance, purpose: str) -> None:
        super().__init__()
        self._chance = chance
        self._purpose = purpose

    def forward(self, features: Tensor) -> Tensor:
        if not self.training:
            return features
        kept = torch.rand(features.shape, generator=self._chance.source(self._purpose)) >= 0.5
        return features * kept.to(features.device) * 2


def _draw(indices: Tensor, most: int, source: torch.Generator) -> Tensor:
    chosen = torch.randperm(len(indices), generator=source)[:most]
    return indices[chosen.to(indices.device)]


def _mask(indices: Tensor, labels: Tensor) -> Tensor:
    mask = torch.zeros_like(labels, dtype=torch.uint8)
    mask[indices] = 1
    return mask
