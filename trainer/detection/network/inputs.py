"""Owns what enters the detector: scaled images of different sizes in one tensor, and the objects to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.detection.spec import STRIDE


@dataclass(frozen=True)
class Inputs:
    """Images in one tensor, filled up with zeros (the mean colour) to the right and below.

    `images` float32 (N, 3, H, W), H and W multiples of the stride; `sizes` the (height, width) of each image in it;
    `scales` how much each was enlarged; `targets` each image's boxes (K, 4) and labels (K,), in training only.
    """

    images: Tensor
    sizes: tuple[tuple[int, int], ...]
    scales: tuple[float, ...]
    targets: tuple[dict[str, Tensor], ...] | None = None


def stack(images: Sequence[Tensor]) -> tuple[Tensor, tuple[tuple[int, int], ...]]:
    """Images float32 (3, h, w) as one tensor, and their sizes.

    Torchvision finds the stride by whole division of image by map, which is wrong unless the stride divides the image.
    """
    sizes = tuple((image.shape[1], image.shape[2]) for image in images)
    height, width = (-(-max(side) // STRIDE) * STRIDE for side in zip(*sizes, strict=True))
    padded = [F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images]
    return torch.stack(padded), sizes
