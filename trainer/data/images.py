"""Owns the common form of data sets: images, labels, classes, and a run's split and mean."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, TypeVar

import torch
from torch import Tensor

from trainer.chance import generator
from trainer.failure import Failure

SIZE = 32
EVALUATION_BATCH = 500


class Pickable(Protocol):
    """Labelled images, in memory or in files."""

    def __len__(self) -> int: ...

    def pick(self, indices: Tensor) -> Self: ...


Subset = TypeVar("Subset", bound=Pickable)


@dataclass(frozen=True)
class Images:
    """`pixels` uint8 (N, 3, 32, 32) in 0–255 and `labels` int64 (N,), on one device."""

    views_per_batch: ClassVar[int] = EVALUATION_BATCH
    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def pick(self, indices: Tensor) -> "Images":
        return Images(self.pixels[indices], self.labels[indices])

    def cut(self, part: slice) -> "Images":
        return Images(self.pixels[part], self.labels[part])

    def to(self, device: torch.device) -> "Images":
        return Images(self.pixels.to(device), self.labels.to(device))

    def views(self, mean: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """The single original view of each image as the network's input, and the labels, in order and in batches."""
        for first in range(0, len(self), self.views_per_batch):
            part = slice(first, first + self.views_per_batch)
            yield normalise(self.pixels[part], mean), self.labels[part]


@dataclass(frozen=True)
class DecodedDataSet:
    """A data set as published. `warnings` are shown to the user who trains on it."""

    train: Images
    test: Images
    classes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """The images of one run. `mean` is float32 (3, 32, 32), over the training images only."""

    train: Images
    val: Images | None
    test: Images
    classes: tuple[str, ...]
    mean: Tensor
    hash: str
    warnings: tuple[str, ...]


def arrange(decoded: DecodedDataSet, train_images: int | None, seed: int, device: torch.device) -> Data:
    """Split, compute the mean, move to the device. `train_images` None uses all images, without a validation set.

    Raises Failure(`invalid`) if `train_images` is larger than the training set.
    """
    train, val = split(decoded.train, train_images, seed)
    return Data(
        train=train.to(device),
        val=val.to(device) if val else None,
        test=decoded.test.to(device),
        classes=decoded.classes,
        mean=mean(train.pixels).to(device),
        hash=content_hash(decoded),
        warnings=decoded.warnings,
    )


def split(images: Subset, train_images: int | None, seed: int) -> tuple[Subset, Subset | None]:
    """The paper's 45k/5k split (sec. 4.2) at any size: disjoint, drawn from the seed alone."""
    count = len(images)
    if train_images is not None and train_images > count:
        raise Failure("invalid", f"train_images is {train_images}, but the data set has only {count} training images.")
    if train_images is None or train_images == count:
        return images, None
    order = torch.randperm(count, generator=generator(seed, "split"))
    train, val = order[:train_images].sort().values, order[train_images:].sort().values
    return images.pick(train), images.pick(val)


def check_labels(labels: Tensor, classes: int, file: str) -> None:
    """Raise Failure(`data`), naming the file, at the first label without a class."""
    strays = labels[(labels < 0) | (labels >= classes)]
    if len(strays):
        allowed = f"With {classes} classes, labels are 0 to {classes - 1}."
        raise Failure("data", f"{file} has the label {int(strays[0])}. {allowed}")


def normalise(pixels: Tensor, mean: Tensor) -> Tensor:
    """uint8 images to the network's input: float32 in 0–255 minus the per-pixel mean, no division (sec. 4.2).

    The authors' release uses 0–255 as well; BN after conv1 removes the scale.
    """
    return pixels.float() - mean


def mean(pixels: Tensor) -> Tensor:
    """Per-pixel mean, float32 (3, 32, 32) in 0–255 (sec. 4.2). Summed as integers: exact in any order."""
    total = torch.zeros(pixels.shape[1:], dtype=torch.int64)
    for part in torch.split(pixels, 4096):
        total += part.sum(dim=0, dtype=torch.int64)
    return (total.double() / len(pixels)).float()


def content_hash(decoded: DecodedDataSet) -> str:
    """SHA-256 of classes, images and labels, in hex: two data sets with one hash train the same network."""
    digest = hashlib.sha256("\n".join(decoded.classes).encode())
    for images in (decoded.train, decoded.test):
        digest.update(f"\n{len(images)}\n".encode())
        for part in _parts(images):
            digest.update(part.contiguous().numpy().data)
    return digest.hexdigest()


def _parts(images: Images) -> Iterator[Tensor]:
    yield from torch.split(images.pixels, 4096)
    yield images.labels
