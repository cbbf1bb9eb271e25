"""Owns your own data sets: images decoded once, resized to 32×32 where they are not, kept by manifest hash."""

import hashlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from trainer import sealed
from trainer.archive import unpack
from trainer.data.images import SIZE, Decoded, Images
from trainer.manifest import BadDataSet, Manifest, scan

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "PPM", "TIFF")
# 8-bit grey, palette and colour. Others (CMYK, 16-bit, float) would have to be squeezed: a wrong number, silently.
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})
log = logging.getLogger(__name__)


def load(source: Path, data_folder: Path) -> Decoded:
    """The data set in a folder or an archive. Decoded images are kept in the data folder for the next run.

    Raises BadDataSet, naming the file, where the layout is wrong or an image cannot be used.
    """
    if not source.exists():
        raise BadDataSet(f"{source} does not exist")
    manifest = scan(source if source.is_dir() else _unpacked(source, data_folder))
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
            pixels[place], size = decode_image(manifest.root / file.path, file.path)
            if size != (SIZE, SIZE):
                sizes[file.path] = size
        splits[split] = Images(pixels, torch.tensor([file.label for file in files]))
    return Decoded(splits["train"], splits["test"], manifest.classes, tuple(_resized(sizes)))


def decode_image(path: Path, name: str) -> tuple[Tensor, tuple[int, int]]:
    """Pixels uint8 (3, 32, 32), and the size that the image came in. Raises BadDataSet naming the file."""
    try:
        with warnings.catch_warnings():
            # Pillow warns at 89 million pixels, before it decodes one.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                _refuse_unfit(image, name)
                colours = image.convert("RGBA").convert("RGB") if "transparency" in image.info else image.convert("RGB")
                size = image.size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadDataSet(f"{name} is too large an image: {error}") from error
    except UnidentifiedImageError as error:
        raise BadDataSet(f"{name} is no image that can be read (one of {', '.join(FORMATS)})") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadDataSet(f"{name} cannot be decoded: {error}") from error
    if size != (SIZE, SIZE):
        colours = colours.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(colours)).permute(2, 0, 1), size


def _refuse_unfit(image: Image.Image, name: str) -> None:
    # MPO is a JPEG with a second view beside it, as phones write; its first view is the photograph.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise BadDataSet(f"{name} is animated: one file must be one image")
    if image.mode not in MODES:
        raise BadDataSet(f"{name} is a {image.mode} image: convert it to 8-bit RGB or grey")


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
