"""Owns what a CIFAR network sees at each iteration: the augmentation of each image (sec. 4.2).

It is a function of (seed, iteration), as the order is of (seed, epoch), so that a killed run resumes with the same
images.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.chance import generator
from trainer.data.images import Data, normalise
from trainer.data.order import ImageOrder
from trainer.process.ranks import ALONE, Ranks
from trainer.spec import RunSpec

PAD = 4  # sec. 4.2: 4 pixels are padded on each side


class Batches:
    """The mini-batches of one run, by iteration (from 1)."""

    def __init__(self, spec: RunSpec, data: Data, ranks: Ranks = ALONE) -> None:
        self._spec = spec
        self._share = ranks.share(spec.batch_size)
        self._data = data
        self._order = ImageOrder(spec, len(data.train))
        self.waited_s = 0.0  # images are on the device already

    def at(self, iteration: int) -> tuple[Tensor, Tensor]:
        """Inputs float32 (batch, 3, 32, 32), mean subtracted and augmented, and labels (batch,): this rank's share."""
        return self.view(self.numbers(iteration).to(self._data.mean.device))

    def numbers(self, iteration: int) -> Tensor:
        """What decides this rank's share, int64 (4, batch) on the CPU: for each image its index, and its `choices`."""
        drawn = (self.indices(iteration), *choices(self._spec, iteration))
        return torch.stack([row[self._share].long() for row in drawn])

    def view(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and labels by their numbers on the device. Operations on it alone: a CUDA graph may contain them."""
        indices, top, left, mirrored = numbers
        batch = self._data.train.pick(indices)
        inputs = normalise(batch.pixels, self._data.mean)
        if self._spec.augment != "none":
            inputs = augment(inputs, top, left, mirrored.bool())
        return inputs, batch.labels

    def indices(self, iteration: int) -> Tensor:
        """Which training images (batch,) iteration `iteration` sees, on the CPU."""
        return self._order.at(iteration)


def choices(spec: RunSpec, iteration: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each image of the iteration: the crop's top and left in 0–8, and whether it is mirrored."""
    source = generator(spec.seed, "augmentation", iteration)
    shape = (spec.batch_size,)
    top, left = torch.randint(0, 2 * PAD + 1, (2, *shape), generator=source)
    mirrored = torch.randint(0, 2, shape, generator=source).bool()
    # A mirrored digit isn't a digit: `crop` draws the same numbers but omits the flip.
    return top, left, mirrored if spec.augment == "paper" else torch.zeros_like(mirrored)


def augment(inputs: Tensor, top: Tensor, left: Tensor, mirrored: Tensor) -> Tensor:
    """Pad each side with 4 zeros (after subtracting the mean), crop 32×32 at (top, left), mirror; per image."""
    count, _, height, width = inputs.shape
    windows = F.pad(inputs, (PAD, PAD, PAD, PAD)).unfold(2, height, 1).unfold(3, width, 1)
    crops = windows[torch.arange(count, device=inputs.device), :, top, left]
    return torch.where(mirrored[:, None, None, None], crops.flip(3), crops)
