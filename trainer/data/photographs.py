"""Owns data sets of photographs: files that are decoded when they are needed, for networks with 224×224 crops."""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from trainer.catalog import BUILT_IN
from trainer.data import statistics
from trainer.data.decoding import CROP, View, centre, cut
from trainer.data.images import split
from trainer.data.loaders import Loaders, PendingPixels
from trainer.data.transfer import Courier
from trainer.failure import Failure
from trainer.files.hashes import Hashes
from trainer.manifest import BadDataSet, Manifest, Split, scan
from trainer.spec import RunSpec

IMAGES_PER_TASK = 50  # also the batch of an evaluation
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Photographs:
    """Files by their paths below `root`, and labels int64 (N,) on the training device."""

    views_per_batch: ClassVar[int] = IMAGES_PER_TASK
    root: Path
    paths: tuple[str, ...]
    labels: Tensor
    loaders: Loaders

    def __len__(self) -> int:
        return len(self.paths)

    def pick(self, indices: Tensor) -> "Photographs":
        paths = tuple(self.paths[index] for index in indices.tolist())
        return Photographs(self.root, paths, self.labels[indices.to(self.labels.device)], self.loaders)

    def cut(self, part: slice) -> "Photographs":
        return Photographs(self.root, self.paths[part], self.labels[part], self.loaders)

    def views(self, mean: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """The centre crops as the network's input, and their labels, in order and in batches."""
        parts = (self.paths[first : first + IMAGES_PER_TASK] for first in range(0, len(self), IMAGES_PER_TASK))
        cuts = (self.start(list(map(centre, paths))) for paths in parts)
        waiting = deque(islice(cuts, self.loaders.count * 2))
        courier = Courier(self.labels.device)
        for labels in torch.split(self.labels, IMAGES_PER_TASK):
            waiting.extend(islice(cuts, 1))
            yield as_images(courier.receive(courier.send([waiting.popleft()]))) - mean, labels

    def start(self, views: Sequence[View]) -> PendingPixels:
        """Starts to decode the views: uint8 (N, CROP, CROP, 3)."""
        return self.loaders.start_pixels((len(views), CROP, CROP, 3), cut, self.root, views)


@dataclass(frozen=True)
class PhotographData:
    """The images of one run. `mean` float32 (3, 224, 224) and `colours` (3, 3) come from the training images only: see
    trainer/data/statistics.py.
    """

    train: Photographs
    val: Photographs | None
    test: Photographs
    classes: tuple[str, ...]
    mean: Tensor
    colours: Tensor
    hash: str
    warnings: tuple[str, ...] = ()


def as_images(pixels: Tensor) -> Tensor:
    """uint8 (N, 224, 224, 3) as float32 (N, 3, 224, 224)."""
    return pixels.permute(0, 3, 1, 2).float()


def load(spec: RunSpec, source: Path, data_folder: Path, device: torch.device, loaders: Loaders) -> PhotographData:
    """The data set in the folder `source`, split according to the specification.

    Raises BadDataSet if the layout is wrong or an image cannot be used, Failure if it does not fit the specification.
    """
    manifest = read(spec.dataset, source, data_folder)
    photographs, test = (_photographs(manifest, split, device, loaders) for split in ("train", "test"))
    train, val = split(photographs, spec.train_images, spec.seed)
    measurement = statistics.measure(train.root, train.paths, loaders, data_folder / "statistics" / manifest.hash)
    return PhotographData(
        train, val, test, manifest.classes, measurement.mean.to(device), measurement.colours.to(device), manifest.hash
    )


def read(name: str, source: Path, data_folder: Path) -> Manifest:
    """The folder's manifest. Files that have not changed since they were hashed are not read again."""
    if not source.is_dir():
        raise BadDataSet(f"{source} is not a folder. Put {name} there as train/<class>/… and val/<class>/…")
    hashes = Hashes(source, data_folder / "hashes")
    log.info("reading the files in %s", source)
    manifest = scan(source, hashes.of)
    hashes.keep()
    built_in = BUILT_IN.get(name)
    if built_in and len(manifest.classes) != built_in.classes:
        raise Failure(
            "data",
            f"{name} has {built_in.classes:,} classes, but {source} has {len(manifest.classes):,}. "
            "Train on it under another name, with the family imagenet.",
        )
    return manifest


def _photographs(manifest: Manifest, split: Split, device: torch.device, loaders: Loaders) -> Photographs:
    files = [image for image in manifest.images if image.split == split]
    labels = torch.tensor([file.label for file in files], device=device)
    return Photographs(manifest.root, tuple(file.path for file in files), labels, loaders)
