"""Owns the images on which finished networks are evaluated, as the network's family sees them."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from trainer.chance import generator
from trainer.data import library
from trainer.data.images import DecodedDataSet, content_hash, split
from trainer.examination import Views
from trainer.finished.model import Model
from trainer.finished.views import views_of
from trainer.manifest import ImageFile, Manifest

ViewBatch = tuple[list[Tensor], Tensor]


class ImageSet(Protocol):
    """A data set for evaluation. Pixels are uint8 (N, 3, H, W) on the network's device."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def hash(self) -> str: ...

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def test(self, views: Views, batch: int) -> Iterator[ViewBatch]:
        """The test images in batches: the pixels of each view, and the labels (N,)."""
        ...

    def training(self, model: Model, batch: int) -> Iterator[Tensor]:
        """The images that the model was trained on in random order, one view each, not augmented."""
        ...


def open_image_set(model: Model, dataset: str, data_folder: Path, own: Path | None) -> ImageSet:
    """The data set as the model's family sees it. Raises the errors of trainer.data.library."""
    if model.spec.family == "cifar":
        return CifarImageSet(library.load(dataset, data_folder, own), model.mean.device)
    from trainer.data import photographs

    folder = library.photographs_folder(dataset, data_folder, own)
    return PhotographSet(photographs.read(dataset, folder, data_folder), model.mean.device)


def single_view(model: Model, image: Image.Image) -> Tensor:
    """The image as the model sees it, prepared like its data set: uint8 (1, 3, H, W)."""
    if model.spec.family == "imagenet":
        return views_of(image, "single")[0]
    from trainer.data.own import small

    return small(image)[None]


class CifarImageSet:
    """Images of 32×32, used as they are (sec. 4.2)."""

    def __init__(self, decoded: DecodedDataSet, device: torch.device) -> None:
        self._decoded, self._device = decoded, device
        self.classes, self.warnings = decoded.classes, decoded.warnings
        self.hash = content_hash(decoded)

    def test(self, views: Views, batch: int) -> Iterator[ViewBatch]:
        del views  # there is only the original image
        images = self._decoded.test
        for pixels, labels in zip(torch.split(images.pixels, batch), torch.split(images.labels, batch), strict=True):
            yield [pixels.to(self._device)], labels.to(self._device)

    def training(self, model: Model, batch: int) -> Iterator[Tensor]:
        train, _ = split(self._decoded.train, model.spec.train_images, model.spec.seed)
        for indices in torch.split(_shuffled(len(train), model), batch):
            yield train.pixels[indices].to(self._device)


@dataclass(frozen=True)
class _Files:
    """The part of a list's interface that `split` needs."""

    files: Sequence[ImageFile]

    def __len__(self) -> int:
        return len(self.files)

    def pick(self, indices: Tensor) -> "_Files":
        return _Files([self.files[index] for index in indices.tolist()])


class PhotographSet:
    """Files, decoded by threads a little ahead of the network: Pillow releases Python's lock while it decodes."""

    def __init__(self, manifest: Manifest, device: torch.device) -> None:
        self._manifest, self._device = manifest, device
        self._threads = len(os.sched_getaffinity(0))
        self.classes, self.hash = manifest.classes, manifest.hash
        self.warnings: tuple[str, ...] = ()

    def test(self, views: Views, batch: int) -> Iterator[ViewBatch]:
        # At five scales the network sees whole photographs, whose shapes differ: one at a time.
        yield from self._view_batches(self._of("test").files, views, 1 if views == "multi-scale" else batch)

    def training(self, model: Model, batch: int) -> Iterator[Tensor]:
        train, _ = split(self._of("train"), model.spec.train_images, model.spec.seed)
        for (pixels,), _ in self._view_batches(train.pick(_shuffled(len(train), model)).files, "single", batch):
            yield pixels

    def _of(self, part: str) -> _Files:
        return _Files([image for image in self._manifest.images if image.split == part])

    def _view_batches(self, files: Sequence[ImageFile], views: Views, batch: int) -> Iterator[ViewBatch]:
        from trainer.data.decoding import decode

        def decode_views(file: ImageFile) -> list[Tensor]:
            return views_of(decode(self._manifest.root / file.path, file.path), views)

        with ThreadPoolExecutor(self._threads) as pool:
            futures = (pool.submit(decode_views, file) for file in files)
            ahead: deque[Future[list[Tensor]]] = deque(islice(futures, self._threads + batch))
            for first in range(0, len(files), batch):
                part = files[first : first + batch]
                image_views = [ahead.popleft().result() for _ in part]
                ahead.extend(islice(futures, len(part)))
                labels = torch.tensor([file.label for file in part])
                yield (
                    [torch.cat(view).to(self._device) for view in zip(*image_views, strict=True)],
                    labels.to(self._device),
                )


def _shuffled(count: int, model: Model) -> Tensor:
    # In a data set's own order, batch normalisation would see mini-batches of a single class.
    return torch.randperm(count, generator=generator(model.spec.seed, "order"))
