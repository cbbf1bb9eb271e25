"""Owns the images of a detection run: what is trained on, what is tested with, and the colour that is subtracted."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from trainer.data.annotated import library
from trainer.data.annotated.splits import AnnotatedSplits
from trainer.data.decoding import Pixels
from trainer.data.loaders import Loaders
from trainer.detection.spec import DetectionSpec

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


def to_input(pixels: Pixels, mean: Tensor) -> Tensor:
    """uint8 (H, W, 3) to the network's input: float32 (3, H, W) in 0-255 minus the mean."""
    # A copy: torch reads neither a mirrored array's negative strides nor Pillow's read-only memory.
    return normalised(torch.from_numpy(pixels.copy()).to(mean.device, non_blocking=True), mean)


def normalised(image: Tensor, mean: Tensor) -> Tensor:
    """uint8 (H, W, 3) to float32 (3, H, W) in 0-255 minus the mean."""
    return image.permute(2, 0, 1).float() - mean
