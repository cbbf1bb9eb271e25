"""Owns the scaling of images for the detector. Loads no torch, so that loader processes start quickly."""

from pathlib import Path

import numpy as np
from PIL import Image

from trainer.data.annotated.splits import AnnotatedImage
from trainer.data.decoding import Pixels, decode
from trainer.detection.spec import DetectionSpec
from trainer.manifest import BadDataSet


def scaled_size(image: AnnotatedImage, spec: DetectionSpec) -> tuple[int, int]:
    """Width and height at which the specification's network sees an image."""
    return sized((image.width, image.height), spec.side, spec.longest)


def sized(size: tuple[int, int], side: float, longest: float) -> tuple[int, int]:
    """A size (width, height) scaled to the shorter side `side`, or less, so that the longer is at most `longest`."""
    scale = min(side / min(size), longest / max(size))
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def shape(size: tuple[int, int]) -> tuple[int, int, int]:
    """Of the pixels of a picture of `size` (width, height)."""
    return size[1], size[0], 3


def scaled(root: Path, image: AnnotatedImage, size: tuple[int, int], *, mirrored: bool = False) -> Pixels:
    """The image as uint8 (height, width, 3) of `size` (width, height). Raises BadDataSet."""
    picture = decode(root / image.path, image.path)
    if picture.size != (image.width, image.height):
        raise BadDataSet(f"{image.path} has changed since its header was read.")
    pixels = resized(picture, size)
    return pixels[:, ::-1] if mirrored else pixels


def resized(picture: Image.Image, size: tuple[int, int]) -> Pixels:
    """An RGB picture as uint8 (height, width, 3) of `size` (width, height)."""
    return np.asarray(picture if picture.size == size else picture.resize(size, Image.Resampling.BILINEAR))
