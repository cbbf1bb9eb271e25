"""Owns the order of the training images: an epoch is a permutation, and a mini-batch may extend into the next epoch.

So every mini-batch is full, as the paper's 64k iterations of 128 images are. The order is a function of (seed, epoch),
so that a killed run resumes with the same images.
"""

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.tasks import Spec


class ImageOrder:
    """Which images each iteration (from 1) sees."""

    def __init__(self, spec: Spec, images: int) -> None:
        self._spec = spec
        self._images = images
        self._epochs: dict[int, Tensor] = {}

    def at(self, iteration: int) -> Tensor:
        """The indices (batch,) of the global mini-batch, on the CPU."""
        size, count = self._spec.batch_size, self._images
        first = (iteration - 1) * size
        epochs = range(first // count, (first + size - 1) // count + 1)
        self._epochs = {epoch: self._permutation(epoch) for epoch in epochs}
        start = first - epochs[0] * count
        return torch.cat(list(self._epochs.values()))[start : start + size]

    def _permutation(self, epoch: int) -> Tensor:
        if epoch in self._epochs:
            return self._epochs[epoch]
        return torch.randperm(self._images, generator=generator(self._spec.seed, "order", epoch))
