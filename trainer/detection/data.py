"""Owns the images of a detection run: what is trained on, what is tested with, and the colour that is subtracted."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer.data.annotated import library
from trainer.data.annotated.splits import AnnotatedImage, AnnotatedSplits
from trainer.data.decoding import Pixels, decode
from trainer.data.loaders import Loaders
from trainer.detection.spec import DetectionSpec
from trainer.manifest import BadDataSet

# pfr: ImageNet's mean red, green and blue, of VGG-16's pre-training.
VGG_MEAN = (122.7717, 115.9465, 102.9801)


@dataclass(frozen=True)
class DetectionData:
    """The images of one run. `mean` float32 (3, 1, 1) in 0-255 is that of the network's pre-training."""

    splits: AnnotatedSplits
    loaders: Loaders
    mean: Tensor

    @property
    def classes(self) -> tuple[str, ...]:
        return self.splits.classes

    @property
    def hash(self) -> str:
        return self.splits.hash


def load(spec: DetectionSpec, folder: Path, data_folder: Path, device: torch.device, loaders: Loaders) -> DetectionData:
    """The data set in `folder`. Raises BadDataSet, naming the file, if it cannot be used."""
    splits = library.read(folder, data_folder, validation=spec.validation)
    return DetectionData(splits, loaders, torch.tensor(VGG_MEAN, device=device)[:, None, None])


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


def to_input(pixels: Pixels, mean: Tensor) -> Tensor:
    """uint8 (H, W, 3) to the network's input: float32 (3, H, W) in 0-255 minus the mean."""
    # A copy: torch reads neither a mirrored array's negative strides nor Pillow's read-only memory.
    image = torch.from_numpy(pixels.copy()).to(mean.device, non_blocking=True)
    return image.permute(2, 0, 1).float() - mean
