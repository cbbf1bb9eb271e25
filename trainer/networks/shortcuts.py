"""Owns the shortcuts where dimensions increase (sec. 3.3): option A, and the projection of options B and C."""

import torch.nn.functional as F
from torch import Tensor, nn


def option_a(x: Tensor, added_channels: int, stride: int = 2) -> Tensor:
    """The identity at every `stride`-th pixel, `added_channels` zero channels appended; no parameters."""
    return F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, added_channels))


def projection(width_in: int, width: int, stride: int) -> nn.Sequential:
    """A 1×1 convolution and its BN, no ReLU, as in the authors' release."""
    return nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width))
