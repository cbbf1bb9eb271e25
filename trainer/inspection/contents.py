"""What a data set contains: images by class, or images with boxes in VOC's or COCO's layout. Loads no torch."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from trainer.manifest import BadDataSet, scan, sha256
from trainer.spec import DATASET_PATTERN


class Contents(BaseModel):
    """`annotation` is None for images by class."""

    model_config = ConfigDict(frozen=True)

    hash: str
    classes: tuple[str, ...]
    train_images: int
    test_images: int
    size_bytes: int
    annotation: dict[str, Any] | None = None
    samples: list[dict[str, Any]] | None = None


def read(name: str, folder: Path, aside: Path, *, is_registered: bool = False) -> Contents:
    """The contents of a folder that is to be registered under `name`; file hashes are remembered in `aside`. Without
    them if `is_registered`, because they are known.

    Raises BadDataSet, whose text says which file is wrong and how.
    """
    from trainer.data.annotated import library  # numpy

    if not folder.is_dir():
        raise BadDataSet(f"{folder} is not a folder.")
    if library.is_annotated(folder):
        return _annotated(folder, aside)
    if not re.fullmatch(DATASET_PATTERN, name):
        raise BadDataSet("Only the name of a data set with boxes may contain '+'. Choose another name.")
    return _classified(folder, (lambda _: "") if is_registered else sha256)


def _classified(folder: Path, hash_of: Callable[[Path], str]) -> Contents:
    manifest = scan(folder, hash_of)
    return Contents(
        hash=manifest.hash,
        classes=manifest.classes,
        train_images=manifest.train_images,
        test_images=manifest.test_images,
        size_bytes=manifest.size_bytes,
    )


def _annotated(folder: Path, aside: Path) -> Contents:
    from trainer.data.annotated import library, samples, summary

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
