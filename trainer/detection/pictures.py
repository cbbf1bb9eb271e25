"""Owns the scaling of images for the detector. Loads no torch, so that loader processes start quickly."""

from pathlib import Path

import numpy as np
from PIL import Image

from trainer.data.annotated.splits import AnnotatedImage
from trainer.data.decoding import Pixels, decode
from trainer.detection.spec import DetectionSpec
from trainer.manifest import BadDataSet


def scaled_size(image: AnnotatedImage, spec: DetectionSpec) -> tuple[int, int]:
    """Width and height at the specification's `side`, or smaller so that the longer side is at most `longest`."""
    short, long = sorted((image.width, image.height))
    scale = min(spec.side / short, spec.longest / long)
    return max(round(image.width * scale), 1), max(round(image.height * scale), 1)


def scaled(root: Path, image: AnnotatedImage, size: tuple[int, int], *, mirrored: bool = False) -> Pixels:
    """The image as uint8 (height, width, 3) of `size` (width, height). Raises BadDataSet."""
    picture = decode(root / image.path, image.path)
    if picture.size != (image.width, image.height):
        raise BadDataSet(f"{image.path} has changed since its header was read.")
    resized = picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(resized)
    return pixels[:, ::-1] if mirrored else pixels
