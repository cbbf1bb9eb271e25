"""Owns what an ImageNet network sees at each iteration (sec. 3.4): each image's scale, crop, flip and colour.

All random numbers are drawn here, from (seed, iteration), before an image is opened: they depend neither on the
number of loader processes nor on restarts.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.data.decoding import View, centre
from trainer.data.loaders import PendingPixels
from trainer.data.order import ImageOrder
from trainer.data.photographs import PhotographData, as_images
from trainer.data.transfer import Courier
from trainer.process.ranks import ALONE, Ranks
from trainer.spec import RunSpec

SCALES = (256, 480)  # sec. 3.4: the shorter side, uniform, both ends included
COLOUR_STD = 0.1  # AlexNet paper, sec. 4.1
IMAGES_PER_TASK = 16
AHEAD = 2  # mini-batches that are being decoded while one is trained on


@dataclass(frozen=True)
class Choices:
    """The random choices for each image of an iteration.

    `top` and `left` in [0, 1) place the crop; `colour` (N, 3) is the amount of each principal component to add.
    """

    sides: Tensor
    top: Tensor
    left: Tensor
    mirrored: Tensor
    colour: Tensor


@dataclass(frozen=True)
class _Decoding:
    """A mini-batch that is being decoded: the indices of its training images, and their crops in that order."""

    iteration: int
    indices: Tensor
    parts: list[PendingPixels]


class Crops:
    """The mini-batches of one run, by iteration (from 1), decoded ahead."""

    def __init__(self, spec: RunSpec, data: PhotographData, ranks: Ranks = ALONE) -> None:
        self._spec = spec
        self._data = data
        self._share = ranks.share(spec.batch_size)
        self._order = ImageOrder(spec, len(data.train))
        self._ahead = AHEAD if data.train.loaders.count else 0
        self._pending: deque[_Decoding] = deque()
        self._courier = Courier(data.train.labels.device)
        self.waited_s = 0.0  # for the last mini-batch

    def at(self, iteration: int) -> tuple[Tensor, Tensor]:
        """Inputs float32 (batch, 3, 224, 224), augmented, mean subtracted, and labels (batch,): this rank's share."""
        self._decode_up_to(iteration)
        decoding = self._pending.popleft()
        began = monotonic()
        for part in decoding.parts:
            part.wait()
        self.waited_s = monotonic() - began
        labels = self._data.train.labels
        inputs = as_images(self._courier.receive(self._courier.send(decoding.parts)))
        if self._spec.augment == "paper":
            inputs = self._flip_and_colour(inputs, choices(self._spec, iteration))
        # The mean image has the size of the crop, not the photograph: the authors subtract it after cropping.
        return inputs - self._data.mean, labels[decoding.indices.to(labels.device, non_blocking=True)]

    def _decode_up_to(self, iteration: int) -> None:
        if self._pending and self._pending[0].iteration != iteration:
            self._pending.clear()
        following = self._pending[-1].iteration + 1 if self._pending else iteration
        for number in range(following, min(iteration + self._ahead, self._spec.iterations) + 1):
            self._pending.append(self._start(number))

    def _start(self, iteration: int) -> "_Decoding":
        train = self._data.train
        indices = self._order.at(iteration)[self._share]
        views = self._views(iteration, [train.paths[index] for index in indices.tolist()])
        parts = (views[first : first + IMAGES_PER_TASK] for first in range(0, len(views), IMAGES_PER_TASK))
        return _Decoding(iteration, indices, [train.start(part) for part in parts])

    def _views(self, iteration: int, paths: Sequence[str]) -> Sequence[View]:
        if self._spec.augment == "none":
            return [centre(path) for path in paths]
        choice = choices(self._spec, iteration)
        columns = (choice.sides, choice.top, choice.left)
        numbers = zip(paths, *(values[self._share].tolist() for values in columns), strict=True)
        return [View(path, side, top, left) for path, side, top, left in numbers]

    def _flip_and_colour(self, inputs: Tensor, choice: Choices) -> Tensor:
        device = inputs.device
        mirrored = choice.mirrored[self._share].to(device, non_blocking=True)
        shift = choice.colour[self._share].to(device, non_blocking=True) @ self._data.colours
        inputs = torch.where(mirrored[:, None, None, None], inputs.flip(3), inputs)
        # One shift of red, green and blue for all pixels of an image.
        return inputs + shift[:, :, None, None]


def choices(spec: RunSpec, iteration: int) -> Choices:
    """The draws of one iteration, for the global mini-batch."""
    source = generator(spec.seed, "augmentation", iteration)
    count = spec.batch_size
    sides = torch.randint(SCALES[0], SCALES[1] + 1, (count,), generator=source)
    # In float64: the crop has hundreds of positions, and all must be equally likely.
    top, left = torch.rand(2, count, generator=source, dtype=torch.float64)
    mirrored = torch.randint(0, 2, (count,), generator=source).bool()
    return Choices(sides, top, left, mirrored, COLOUR_STD * torch.randn(count, 3, generator=source))
