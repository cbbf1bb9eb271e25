"""Owns your own data sets: images decoded once, resized to 32×32 where they are not, kept by manifest hash."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer.archive import unpack
from trainer.data.decoding import decode
from trainer.data.images import SIZE, Decoded, Images
from trainer.files import sealed
from trainer.manifest import BadDataSet, Manifest, scan

log = logging.getLogger(__name__)


def load(source: Path, data_folder: Path) -> Decoded:
    """The data set in a folder or an archive. Decoded images are kept in the data folder for the next run.

    Raises BadDataSet, naming the file, where the layout is wrong or an image cannot be used.
    """
    manifest = scan(unpacked(source, data_folder))
    kept = data_folder / "decoded" / f"{manifest.hash}.safetensors"
    if kept.exists():
        try:
            return _read(kept)
        except sealed.Torn as torn:
            log.warning("%s: decoding the data set again", torn)
    decoded = _decode(manifest)
    kept.parent.mkdir(parents=True, exist_ok=True)
    _keep(decoded, kept)
    return decoded


def unpacked(source: Path, data_folder: Path) -> Path:
    """The folder `source`, or the one that the archive `source` was unpacked into. Raises BadDataSet."""
    if source.is_dir():
        return source
    if not source.exists():
        raise BadDataSet(f"{source} does not exist")
    return _unpacked(source, data_folder)


def _unpacked(archive: Path, data_folder: Path) -> Path:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = data_folder / "unpacked" / digest
    if not folder.exists():
        # Unpacked aside and renamed: a folder of that name is complete.
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
        unpack(archive, aside)
        try:
            aside.rename(folder)
        except OSError:
            # Another process was faster with the same archive.
            shutil.rmtree(aside)
            if not folder.exists():
                raise
    return folder


def _decode(manifest: Manifest) -> Decoded:
    log.info("decoding %d images", len(manifest.images))
    sizes: dict[str, tuple[int, int]] = {}
    splits = {}
    for split in manifest.counts:
        files = [image for image in manifest.images if image.split == split]
        pixels = torch.empty(len(files), 3, SIZE, SIZE, dtype=torch.uint8)
        for place, file in enumerate(files):
            image = decode(manifest.root / file.path, file.path)
            pixels[place] = small(image)
            if image.size != (SIZE, SIZE):
                sizes[file.path] = image.size
        splits[split] = Images(pixels, torch.tensor([file.label for file in files]))
    return Decoded(splits["train"], splits["test"], manifest.classes, tuple(_resized(sizes)))


def small(image: Image.Image) -> Tensor:
    """An RGB image as a CIFAR network sees it: uint8 (3, 32, 32)."""
    resized = image if image.size == (SIZE, SIZE) else image.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1)


def _resized(sizes: dict[str, tuple[int, int]]) -> Iterator[str]:
    if sizes:
        name, (width, height) = next(iter(sizes.items()))
        yield (
            f"{len(sizes):,} images are not {SIZE}×{SIZE} and were resized to it (bicubic, aspect ratio not kept); "
            f"the first is {name}, {width}×{height}"
        )


def _keep(decoded: Decoded, path: Path) -> None:
    tensors = {
        "train.pixels": decoded.train.pixels,
        "train.labels": decoded.train.labels,
        "test.pixels": decoded.test.pixels,
        "test.labels": decoded.test.labels,
    }
    story = {"classes": json.dumps(decoded.classes), "warnings": json.dumps(decoded.warnings)}
    sealed.write(path, tensors, story)


def _read(path: Path) -> Decoded:
    tensors, story = sealed.read(path)
    train, test = (Images(tensors[f"{split}.pixels"], tensors[f"{split}.labels"]) for split in ("train", "test"))
    return Decoded(train, test, tuple(json.loads(story["classes"])), tuple(json.loads(story["warnings"])))
