"""Owns what the detector sees at each iteration: which images, scaled and mirrored, and their objects.

Mirroring is drawn from (seed, iteration), and the order from (seed, epoch): a killed run resumes with the same images.
"""

from collections import deque
from dataclasses import dataclass
from time import monotonic

import numpy as np
import torch
from torch import Tensor

from trainer.chance import generator
from trainer.data.annotated.splits import AnnotatedImage
from trainer.data.loaders import PendingPixels
from trainer.data.order import ImageOrder
from trainer.data.transfer import Courier
from trainer.detection.data import DetectionData, normalised
from trainer.detection.network.inputs import Inputs, stack
from trainer.detection.pictures import scaled, scaled_size, shape
from trainer.detection.spec import DetectionSpec
from trainer.process.ranks import ALONE, Ranks

AHEAD = 2  # mini-batches that are decoded while one is trained on


@dataclass(frozen=True)
class _View:
    """An image as one iteration sees it; `size` is (width, height)."""

    image: AnnotatedImage
    size: tuple[int, int]
    mirrored: bool


@dataclass(frozen=True)
class _Decoding:
    iteration: int
    views: list[_View]
    pixels: list[PendingPixels]


class DetectionBatches:
    """The mini-batches of one run, by iteration (from 1), decoded ahead."""

    def __init__(self, spec: DetectionSpec, data: DetectionData, ranks: Ranks = ALONE) -> None:
        self._spec = spec
        self._data = data
        self._share = ranks.share(spec.batch_size)
        self._order = ImageOrder(spec, len(data.splits.train))
        self._ahead = AHEAD if data.loaders.count else 0
        self._pending: deque[_Decoding] = deque()
        self._courier = Courier(data.mean.device)
        self.waited_s = 0.0  # for the last mini-batch

    @property
    def first(self) -> int:
        """The position of this rank's first image in the global mini-batch."""
        first: int = self._share.start
        return first

    def at(self, iteration: int) -> Inputs:
        """This rank's share of the iteration's images, with the objects to learn from."""
        if self._pending and self._pending[0].iteration != iteration:
            self._pending.clear()
        following = self._pending[-1].iteration + 1 if self._pending else iteration
        for number in range(following, min(iteration + self._ahead, self._spec.iterations) + 1):
            self._pending.append(self._start(number))
        decoding = self._pending.popleft()
        began = monotonic()
        for pending in decoding.pixels:
            pending.wait()
        self.waited_s = monotonic() - began
        sent = [self._courier.send([pending]) for pending in decoding.pixels]
        images, sizes = stack([normalised(self._courier.receive(each), self._data.mean) for each in sent])
        targets = tuple(target(view.image, view.size, images.device, mirrored=view.mirrored) for view in decoding.views)
        return Inputs(images, sizes, tuple(view.size[0] / view.image.width for view in decoding.views), targets)

    def _start(self, iteration: int) -> _Decoding:
        train, root = self._data.splits.train, self._data.splits.root
        images = [train[index] for index in self._order.at(iteration)[self._share].tolist()]
        mirrored = choices(self._spec, iteration)[self._share].tolist()
        views = [
            _View(image, scaled_size(image, self._spec), flag) for image, flag in zip(images, mirrored, strict=True)
        ]
        loaders = self._data.loaders
        return _Decoding(
            iteration,
            views,
            [
                loaders.start_pixels(shape(view.size), scaled, root, view.image, view.size, mirrored=view.mirrored)
                for view in views
            ],
        )


def choices(spec: DetectionSpec, iteration: int) -> Tensor:
    """For each image of the global mini-batch, bool (batch,): whether it is mirrored."""
    source = generator(spec.seed, "augmentation", iteration)
    mirrored = torch.randint(0, 2, (spec.batch_size,), generator=source).bool()
    return mirrored if spec.augment == "paper" else torch.zeros_like(mirrored)


def target(
    image: AnnotatedImage, size: tuple[int, int], device: torch.device, *, mirrored: bool = False
) -> dict[str, Tensor]:
    """The objects to learn from, in the scaled image: boxes float32 (K, 4) and labels int64 (K,)."""
    kept = image.objects.to_train_on
    factors = np.array([size[0] / image.width, size[1] / image.height] * 2)
    boxes = image.objects.boxes[kept] * factors
    if mirrored:
        boxes[:, [0, 2]] = size[0] - boxes[:, [2, 0]]
    return {
        "boxes": torch.from_numpy(boxes).float().to(device),
        "labels": torch.from_numpy(image.objects.labels[kept]).to(device),
    }
