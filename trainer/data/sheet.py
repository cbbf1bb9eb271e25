"""Owns sheets of small images: samples of a data set's classes, and the tiles of any such sheet. Loads no torch."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageOps

from trainer.manifest import BadDataSet, Manifest

TILE = 64
SAMPLES = 8  # of each class
MOST_CLASSES = 20
# A larger photograph takes seconds to decode; another sample of its class takes its place.
MOST_PIXELS = 25_000_000


def samples(manifest: Manifest) -> bytes:
    """A PNG with one row for each of the first MOST_CLASSES classes: the first SAMPLES training images that decode."""
    labels = range(rows(len(manifest.classes)))
    return png([decodable(manifest.root, _files(manifest, label)) for label in labels], SAMPLES)


def rows(classes: int) -> int:
    """How many classes a sheet of samples shows."""
    return min(classes, MOST_CLASSES)


def tile(image: Image.Image, side: int = TILE) -> Image.Image:
    """The middle square of an RGB image, `side` pixels wide. A small image keeps its pixels visible."""
    is_small = max(image.size) < side
    return ImageOps.fit(image, (side, side), Image.Resampling.NEAREST if is_small else Image.Resampling.BILINEAR)


def png(tiles: Sequence[Sequence[Image.Image]], columns: int, side: int = TILE) -> bytes:
    """The rows of square tiles as one PNG. What is missing stays transparent."""
    sheet = Image.new("RGBA", (side * columns, side * len(tiles)))
    for top, row in enumerate(tiles):
        for left, image in enumerate(row):
            sheet.paste(image, (side * left, side * top))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def decodable(root: Path, paths: Iterable[str]) -> list[Image.Image]:
    """Tiles of the first SAMPLES images that decode. A folder is registered without decoding it, so its files may be
    anything.
    """
    return list(islice(_tiles(root, islice(paths, 4 * SAMPLES)), SAMPLES))


def _files(manifest: Manifest, label: int) -> Iterator[str]:
    return (image.path for image in manifest.images if (image.split, image.label) == ("train", label))


def _tiles(root: Path, paths: Iterable[str]) -> Iterator[Image.Image]:
    from trainer.data.decoding import decode, size_of  # numpy, which an idle API does not need

    for path in paths:
        try:
            width, height = size_of(root / path, path)
            if width * height <= MOST_PIXELS:
                yield tile(decode(root / path, path))
        except BadDataSet:
            continue
