"""Owns a finished ImageNet network's views of a photograph: centre crop, 10-crop, or whole at five scales.

The CIFAR family sees the single original image (sec. 4.2). Sizes and averaging: sec. 3.4 and the authors' release.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from trainer.data.decoding import CROP, resized
from trainer.examination import Views

SHORTER_SIDE = 256
SCALES = (224, 256, 384, 480, 640)


def views_of(image: Image.Image, views: Views) -> list[Tensor]:
    """The views of one RGB photograph, each uint8 (1, 3, H, W); the network's softmax is averaged over them."""
    match views:
        case "single":
            return [centre_crop(pixels_of(resized(image, SHORTER_SIDE)))[None]]
        case "ten-crop":
            return list(torch.split(ten_crop(pixels_of(resized(image, SHORTER_SIDE))), 1))
        case "multi-scale":
            # Whole images: the last layer is linear, so applying it at every position and averaging is the same as
            # applying it after the average pooling. The network is fully convolutional as it is.
            return [pixels_of(resized(image, side))[None] for side in SCALES]


def pixels_of(image: Image.Image) -> Tensor:
    """uint8 (3, H, W)."""
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)


def centre_crop(pixels: Tensor, size: int = CROP) -> Tensor:
    """(3, size, size) of the middle; the odd pixel falls to the right and below."""
    top, left = (pixels.shape[1] - size) // 2, (pixels.shape[2] - size) // 2
    return pixels[:, top : top + size, left : left + size]


def ten_crop(pixels: Tensor, size: int = CROP) -> Tensor:
    """(10, 3, size, size): the four corners, the centre, and the mirror image of each."""
    bottom, right = pixels.shape[1] - size, pixels.shape[2] - size
    corners = [pixels[:, top : top + size, left : left + size] for top in (0, bottom) for left in (0, right)]
    five = torch.stack([*corners, centre_crop(pixels, size)])
    return torch.cat((five, five.flip(3)))
