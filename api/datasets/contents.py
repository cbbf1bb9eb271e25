"""What a registered data set contains: images by class, or images with boxes in VOC's or COCO's layout."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.datasets import samples
from trainer import archive
from trainer.archive import BadDataSet
from trainer.spec import DATASET_PATTERN


@dataclass(frozen=True)
class Contents:
    """`annotation` is None for images by class."""

    hash: str
    classes: tuple[str, ...]
    train_images: int
    test_images: int
    size_bytes: int
    annotation: dict[str, Any] | None = None
    samples: list[dict[str, Any]] | None = None


def read(name: str, folder: Path, aside: Path) -> Contents:
    """The contents of a folder that is to be registered under `name`; file hashes are remembered in `aside`.

    Raises BadDataSet, whose text says which file is wrong and how.
    """
    from trainer.data.annotated import library  # numpy, which an idle API does not need

    if not folder.is_dir():
        raise BadDataSet(f"{folder} is not a folder.")
    if library.is_annotated(folder):
        return _annotated(folder, aside)
    if not re.fullmatch(DATASET_PATTERN, name):
        raise BadDataSet("Only the name of a data set with boxes may contain '+'. Choose another name.")
    manifest = archive.scan(folder)
    return Contents(manifest.hash, manifest.classes, manifest.train_images, manifest.test_images, manifest.size_bytes)


def _annotated(folder: Path, aside: Path) -> Contents:
    from trainer.data.annotated import library, summary

    splits = library.read(folder, aside, validation=False)
    images = (*splits.train, *splits.test)
    return Contents(
        hash=splits.hash,
        classes=splits.classes,
        train_images=len(splits.train),
        test_images=len(splits.test),
        size_bytes=sum((splits.root / image.path).stat().st_size for image in images),
        annotation=summary.of(splits),
        samples=samples.of(splits),
    )
