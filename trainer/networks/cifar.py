"""Owns the CIFAR family of sec. 4.2: 3×3 conv 16, then 6n layers on 32, 16 and 8 maps, pooling, fully connected.

Keys and shapes follow the common CIFAR layout (`conv1, bn1, layer1.0.conv1 …, linear`); a projection is
`downsample.0` (conv) and `downsample.1` (BN). Plain and option A share every key and shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from trainer.spec import Shortcut


class CifarNet(nn.Module):
    """(N, 3, 32, 32) images, per-pixel mean subtracted, to (N, classes) logits."""

    def __init__(self, depth: int, shortcut: Shortcut, classes: int = 10) -> None:
        super().__init__()
        n, rest = divmod(depth - 2, 6)
        if n < 1 or rest:
            raise ValueError(f"depth must be 6n+2, not {depth}")
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16, eps=1e-5, momentum=0.1)
        self.layer1 = _stage(16, 16, n, shortcut)
        self.layer2 = _stage(16, 32, n, shortcut)
        self.layer3 = _stage(32, 64, n, shortcut)
        self.linear = nn.Linear(64, classes)

    def forward(self, images: Tensor) -> Tensor:
        maps = F.relu(self.bn1(self.conv1(images)))
        maps = self.layer3(self.layer2(self.layer1(maps)))
        # Global average pooling. mean(), because the pooling layer's backward is not deterministic on CUDA.
        logits: Tensor = self.linear(maps.mean(dim=(2, 3)))
        return logits


class Block(nn.Module):
    """Two 3×3 layers and the shortcut around them: conv, BN, ReLU, conv, BN, addition, ReLU (fig. 2)."""

    def __init__(self, width_in: int, width: int, shortcut: Shortcut) -> None:
        super().__init__()
        # A stage that widens halves its map in its first layer.
        stride = 1 if width_in == width else 2
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
        self.plain = shortcut == "none"
        self.added_channels = width - width_in
        self.downsample: nn.Sequential | None = None
        if shortcut == "C" or (shortcut == "B" and width_in != width):
            self.downsample = nn.Sequential(
                nn.Conv2d(width_in, width, 1, stride, bias=False), nn.BatchNorm2d(width, eps=1e-5, momentum=0.1)
            )

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(residual))
        return F.relu(residual if self.plain else residual + self.shortcut(x))

    def shortcut(self, x: Tensor) -> Tensor:
        """What is added to the residual: x itself, its projection, or option A's subsampled, zero-padded x."""
        if self.downsample is not None:
            projected: Tensor = self.downsample(x)
            return projected
        return option_a(x, self.added_channels) if self.added_channels else x


def option_a(x: Tensor, added_channels: int) -> Tensor:
    """Sec. 3.3 (A): the identity with a stride of 2, `added_channels` zero channels appended; no parameters."""
    return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, added_channels))


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """He et al. 2015 [13], fan-out form: conv weights from N(0, √(2 / (k²·filters))); BN γ 1, β 0; fc bias 0.

    The fc weight keeps torch's default range, ±1/√64: the paper names none. Draws from `generator` only,
    in the order of the modules, on the CPU: one seed is one network on every device.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            reach = module.in_features**-0.5
            nn.init.uniform_(module.weight, -reach, reach, generator=generator)
            nn.init.zeros_(module.bias)


def _stage(width_in: int, width: int, blocks: int, shortcut: Shortcut) -> nn.Sequential:
    return nn.Sequential(*(Block(width_in if i == 0 else width, width, shortcut) for i in range(blocks)))
