"""Owns your own data sets: images are decoded once, resized to 32×32, and stored by manifest hash."""

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
from trainer.data.images import SIZE, DecodedDataSet, Images
from trainer.files import sealed
from trainer.manifest import BadDataSet, Manifest, scan

log = logging.getLogger(__name__)


def load(source: Path, data_folder: Path) -> DecodedDataSet:
    """The data set in a folder or an archive. Decoded images are stored in the data folder for the next run.

    Raises BadDataSet, naming the file, if the layout is wrong or an image cannot be used.
    """
    manifest = scan(unpacked(source, data_folder))
    cache = data_folder / "decoded" / f"{manifest.hash}.safetensors"
    if cache.exists():
        try:
            return _read(cache)
        except sealed.DamagedFile as error:
            log.warning("%s: decoding the data set again", error)
    decoded = _decode(manifest)
    cache.parent.mkdir(parents=True, exist_ok=True)
    _store(decoded, cache)
    return decoded


def unpacked(source: Path, data_folder: Path) -> Path:
    """The folder `source`, or the folder of the unpacked archive `source`. Raises BadDataSet."""
    if source.is_dir():
        return source
    if not source.exists():
        raise BadDataSet(f"{source} does not exist.")
    return _unpacked(source, data_folder)


def _unpacked(archive: Path, data_folder: Path) -> Path:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = data_folder / "unpacked" / digest
    if not folder.exists():
        # Unpacked aside and renamed, so that a folder with this name is complete.
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
        unpack(archive, aside)
        try:
            aside.rename(folder)
        except OSError:
            # Another process was faster at unpacking the same archive.
            shutil.rmtree(aside)
            if not folder.exists():
                raise
    return folder


def _decode(manifest: Manifest) -> DecodedDataSet:
    log.info("decoding %d images", len(manifest.images))
    sizes: dict[str, tuple[int, int]] = {}
    splits = {}
    for split in manifest.counts:
        files = [image for image in manifest.images if image.split == split]
        pixels = torch.empty(len(files), 3, SIZE, SIZE, dtype=torch.uint8)
        for index, file in enumerate(files):
            image = decode(manifest.root / file.path, file.path)
            pixels[index] = small(image)
            if image.size != (SIZE, SIZE):
                sizes[file.path] = image.size
        splits[split] = Images(pixels, torch.tensor([file.label for file in files]))
    return DecodedDataSet(splits["train"], splits["test"], manifest.classes, tuple(_warnings(sizes)))


def small(image: Image.Image) -> Tensor:
    """An RGB image as a CIFAR network sees it: uint8 (3, 32, 32)."""
    resized = image if image.size == (SIZE, SIZE) else image.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1)


def _warnings(sizes: dict[str, tuple[int, int]]) -> Iterator[str]:
    if sizes:
        name, (width, height) = next(iter(sizes.items()))
        yield (
            f"{_images(len(sizes))} resized to {SIZE}×{SIZE} (bicubic, without keeping the aspect ratio); "
            f"the first is {name}, {width}×{height}."
        )


def _images(count: int) -> str:
    return "1 image was" if count == 1 else f"{count:,} images were"


def _store(decoded: DecodedDataSet, path: Path) -> None:
    tensors = {
        "train.pixels": decoded.train.pixels,
        "train.labels": decoded.train.labels,
        "test.pixels": decoded.test.pixels,
        "test.labels": decoded.test.labels,
    }
    metadata = {"classes": json.dumps(decoded.classes), "warnings": json.dumps(decoded.warnings)}
    sealed.write(path, tensors, metadata)


def _read(path: Path) -> DecodedDataSet:
    tensors, metadata = sealed.read(path)
    train, test = (Images(tensors[f"{split}.pixels"], tensors[f"{split}.labels"]) for split in ("train", "test"))
    return DecodedDataSet(train, test, tuple(json.loads(metadata["classes"])), tuple(json.loads(metadata["warnings"])))
