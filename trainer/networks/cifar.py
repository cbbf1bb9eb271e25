"""Owns the CIFAR family of sec. 4.2: 3×3 conv 16, then 6n layers on 32, 16 and 8 maps, pooling, fully connected.

Keys and shapes follow the common CIFAR layout (`conv1, bn1, layer1.0.conv1 …, linear`); a projection is
`downsample.0` (conv) and `downsample.1` (BN). Plain and option A share every key and shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from trainer.networks import recomputation
from trainer.networks.shortcuts import option_a, projection

if TYPE_CHECKING:
    from trainer.spec import Shortcut


class CifarNet(nn.Module):
    """(N, 3, 32, 32) images, per-pixel mean subtracted, to (N, classes) logits."""

    def __init__(self, depth: int, shortcut: Shortcut, classes: int = 10, *, recomputed_blocks: int = 0) -> None:
        super().__init__()
        n, rest = divmod(depth - 2, 6)
        if n < 1 or rest:
            raise ValueError(f"depth must be 6n+2, not {depth}")
        self.recomputed_blocks = recomputed_blocks
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16, eps=1e-5, momentum=0.1)
        self.layer1 = _stage(16, 16, n, shortcut)
        self.layer2 = _stage(16, 32, n, shortcut)
        self.layer3 = _stage(32, 64, n, shortcut)
        self.linear = nn.Linear(64, classes)

    def forward(self, images: Tensor) -> Tensor:
        maps = F.relu_(self.bn1(self.conv1(images)))
        for stage in (self.layer1, self.layer2, self.layer3):
            maps = recomputation.run(stage, maps, self.recomputed_blocks)
        # Global average pooling, by mean(): the pooling layer's backward is not deterministic on CUDA.
        logits: Tensor = self.linear(maps.mean(dim=(2, 3)))
        return logits


class Block(nn.Module):
    """Two 3×3 layers and the shortcut around them: conv, BN, ReLU, conv, BN, addition, ReLU (fig. 2)."""

    def __init__(self, width_in: int, width: int, shortcut: Shortcut) -> None:
        super().__init__()
        # A stage that widens the map halves its size in the first layer.
        stride = 1 if width_in == width else 2
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.is_plain = shortcut == "none"
        self.added_channels = width - width_in
        self.downsample: nn.Sequential | None = None
        if shortcut == "C" or (shortcut == "B" and width_in != width):
            self.downsample = projection(width_in, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        # In place, which saves 7 % of a step on a CPU: backward needs BN's input and ReLU's output only.
        residual = F.relu_(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(residual))
        if not self.is_plain:
            residual += self.shortcut(x)
        return F.relu_(residual)

    def shortcut(self, x: Tensor) -> Tensor:
        """The term added to the residual: x itself, its projection, or option A's subsampled, zero-padded x."""
        if self.downsample is not None:
            projected: Tensor = self.downsample(x)
            return projected
        return option_a(x, self.added_channels) if self.added_channels else x


def _stage(width_in: int, width: int, blocks: int, shortcut: Shortcut) -> nn.Sequential:
    return nn.Sequential(*(Block(width_in if i == 0 else width, width, shortcut) for i in range(blocks)))
