"""Owns the decoding of image files. Loads no torch, so that loader processes start quickly and stay small."""

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from trainer.manifest import BadDataSet

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "PPM", "TIFF")
# 8-bit grey, palette and colour. Converting others (CMYK, 16-bit, float) would silently change their values.
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})
CROP = 224  # sec. 3.4
# The longer side over the shorter one. At the largest scale this many times as wide is 23 megapixels.
MOST_ELONGATED = 100
# Just below a half: if there is no exact middle, the position above and to the left of it.
MIDDLE = math.nextafter(0.5, 0.0)
Sums = NDArray[np.int64]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """A square of CROP pixels of one image, resized to `shorter_side`.

    `top` and `left` in [0, 1) choose among the crop's possible positions, whatever the image's size.
    """

    path: str
    shorter_side: int
    top: float
    left: float


def centre(path: str) -> View:
    """The middle of the image at shorter side 256, as in Fig. 4."""
    return View(path, 256, MIDDLE, MIDDLE)


def cut(root: Path, views: Sequence[View]) -> Pixels:
    """The views as (N, CROP, CROP, 3). Raises BadDataSet, naming the first file that cannot be used."""
    pixels = np.empty((len(views), CROP, CROP, 3), dtype=np.uint8)
    for index, view in enumerate(views):
        pixels[index] = _crop(decode(root / view.path, view.path), view)
    return pixels


def moments(root: Path, views: Sequence[View]) -> tuple[Sums, Sums]:
    """Sums over the views, exact in any order: of the pixels (CROP, CROP, 3), and of colour times colour (3, 3)."""
    pixels = cut(root, views)
    colours = np.zeros((3, 3), dtype=np.int64)
    for image in pixels:
        flat = image.reshape(-1, 3).astype(np.float64)
        # At most 224² · 255² a picture: float64 holds it exactly, and multiplies faster than int64.
        colours += (flat.T @ flat).astype(np.int64)
    return pixels.sum(axis=0, dtype=np.int64), colours


def _crop(image: Image.Image, view: View) -> Pixels:
    scaled = resized(image, view.shorter_side)
    left, top = int(view.left * (scaled.width - CROP + 1)), int(view.top * (scaled.height - CROP + 1))
    return np.asarray(scaled.crop((left, top, left + CROP, top + CROP)))


def resized(image: Image.Image, shorter_side: int) -> Image.Image:
    """Resize to `shorter_side`, keeping the aspect ratio. Pillow's bilinear filter antialiases when it shrinks."""
    scale = shorter_side / min(image.size)
    width, height = (max(shorter_side, round(side * scale)) for side in image.size)
    return image if (width, height) == image.size else image.resize((width, height), Image.Resampling.BILINEAR)


def decode(path: Path, name: str) -> Image.Image:
    """The image in RGB. Raises BadDataSet with `name` as the file's name."""
    with _explain(name), Image.open(path, formats=FORMATS) as image:
        _refuse_unfit(image, name)
        return image.convert("RGBA").convert("RGB") if "transparency" in image.info else image.convert("RGB")


def size_of(path: Path, name: str) -> tuple[int, int]:
    """Width and height, from the file's header. Raises BadDataSet with `name` as the file's name."""
    with _explain(name), Image.open(path, formats=FORMATS) as image:
        _refuse_unfit(image, name)
        return image.size


@contextmanager
def _explain(name: str) -> Iterator[None]:
    """Turn Pillow's errors into BadDataSet."""
    try:
        with warnings.catch_warnings():
            # Pillow warns at 89 million pixels, before decoding.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        most = Image.MAX_IMAGE_PIXELS or 0
        raise BadDataSet(f"{name} is too large: an image may have at most {most:,} pixels.") from error
    except UnidentifiedImageError as error:
        raise BadDataSet(f"{name} is not an image in a supported format ({', '.join(FORMATS)}).") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.strerror:  # the system's whole message has the path on this machine
            raise BadDataSet(f"{name} cannot be read: {error.strerror}.") from error
        raise BadDataSet(f"{name} cannot be decoded: {error}") from error


def _refuse_unfit(image: Image.Image, name: str) -> None:
    # MPO, written by phones, is a JPEG with a second view after it; the first view is the photograph.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise BadDataSet(f"{name} is animated. A file must contain a single image.")
    if max(image.size) > MOST_ELONGATED * min(image.size):
        width, height = image.size
        raise BadDataSet(
            f"{name} has {width:,} × {height:,} pixels."
            f" The longer side may be at most {MOST_ELONGATED} times the shorter."
        )
    if image.mode not in MODES:
        raise BadDataSet(f"{name} is a {image.mode} image. Convert it to 8-bit RGB or grey.")
