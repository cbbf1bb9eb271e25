"""Owns the ImageNet family of Table 1: 7×7 conv 64, max pooling, four stages on 56, 28, 14 and 7 maps, pooling, fc.

Keys and shapes are torchvision's (`conv1, bn1, layer1.0.conv1 …, downsample.0/.1, fc`), so option B loads there with
strict=True. Plain and option A share every key and shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from trainer.networks import recomputation
from trainer.networks.shortcuts import option_a, projection

if TYPE_CHECKING:
    from trainer.spec import Shortcut

# Table 1: blocks and filters of conv2_x to conv5_x. From 50 layers on blocks are bottlenecks.
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
FILTERS = (64, 128, 256, 512)
FIRST_BOTTLENECK = 50
EXPANSION = 4  # a bottleneck's last 1×1 layer has four times its filters


class ImageNetNet(nn.Module):
    """(N, 3, 224, 224) images, mean subtracted, to (N, classes) logits. Any image size from 32 on works: the network is
    convolutional up to its average pooling.
    """

    def __init__(
        self,
        depth: int,
        shortcut: Shortcut,
        classes: int = 1000,
        *,
        stride_in_1x1: bool = True,
        recomputed_blocks: int = 0,
    ) -> None:
        super().__init__()
        if depth not in BLOCKS:
            raise ValueError(f"depth must be one of {', '.join(map(str, BLOCKS))}, not {depth}")
        self.recomputed_blocks = recomputed_blocks
        expansion = 1 if depth < FIRST_BOTTLENECK else EXPANSION
        self.conv1 = nn.Conv2d(3, FILTERS[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(FILTERS[0])
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            _stage(number, depth, shortcut, stride_in_1x1=stride_in_1x1) for number in range(4)
        )
        self.fc = nn.Linear(expansion * FILTERS[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        maps = F.relu_(self.bn1(self.conv1(images)))
        maps = F.max_pool2d(maps, 3, stride=2, padding=1)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            maps = recomputation.run(stage, maps, self.recomputed_blocks)
        # Global average pooling, by mean(): the pooling layer's backward is not deterministic on CUDA.
        logits: Tensor = self.fc(maps.mean(dim=(2, 3)))
        return logits


def _stage(number: int, depth: int, shortcut: Shortcut, *, stride_in_1x1: bool) -> nn.Sequential:
    """conv2_x to conv5_x. The first block has stride 2, except in conv2_x, which follows the max pooling."""
    filters, blocks = FILTERS[number], BLOCKS[depth][number]
    stage = nn.Sequential()
    for position in range(blocks):
        stride = 2 if number > 0 and position == 0 else 1
        filters_in = FILTERS[max(number - 1, 0)] if position == 0 else filters
        if depth < FIRST_BOTTLENECK:
            stage.append(BasicBlock(filters_in, filters, stride, shortcut))
        else:
            width_in = FILTERS[0] if number == 0 and position == 0 else EXPANSION * filters_in
            stage.append(Bottleneck(width_in, filters, stride, shortcut, stride_in_1x1=stride_in_1x1))
    return stage


class _Block(nn.Module):
    """The shortcut around a block's layers: none in a plain net, else x, projected or padded if necessary."""

    downsample: nn.Sequential | None

    def add_shortcut(self, width_in: int, width: int, stride: int, shortcut: Shortcut) -> None:
        """Called last, so that the keys are in torchvision's order."""
        self.is_plain = shortcut == "none"
        self.stride = stride
        self.added_channels = width - width_in
        # conv2_1 of a bottleneck net widens 64 to 256 at stride 1: B projects and A pads there too.
        projects = shortcut == "C" or (shortcut == "B" and (stride != 1 or width != width_in))
        self.downsample = projection(width_in, width, stride) if projects else None

    def join(self, x: Tensor, residual: Tensor) -> Tensor:
        """Addition, then ReLU (fig. 2), in place: backward needs BN's input and ReLU's output only."""
        if not self.is_plain:
            residual += self.shortcut(x)
        return F.relu_(residual)

    def shortcut(self, x: Tensor) -> Tensor:
        if self.downsample is not None:
            projected: Tensor = self.downsample(x)
            return projected
        return option_a(x, self.added_channels, self.stride) if self.added_channels else x


class BasicBlock(_Block):
    """Two 3×3 layers (fig. 5, left)."""

    def __init__(self, width_in: int, filters: int, stride: int, shortcut: Shortcut) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, filters, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.add_shortcut(width_in, filters, stride, shortcut)

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu_(self.bn1(self.conv1(x)))
        return self.join(x, self.bn2(self.conv2(residual)))


class Bottleneck(_Block):
    """1×1 reduces, 3×3, 1×1 expands (fig. 5, right). The paper's stride is in the first 1×1, v1.5's in the 3×3."""

    def __init__(
        self, width_in: int, filters: int, stride: int, shortcut: Shortcut, *, stride_in_1x1: bool = True
    ) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_in_1x1 else (1, stride)
        self.conv1 = nn.Conv2d(width_in, filters, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, second, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.conv3 = nn.Conv2d(filters, EXPANSION * filters, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(EXPANSION * filters)
        self.add_shortcut(width_in, EXPANSION * filters, stride, shortcut)

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu_(self.bn1(self.conv1(x)))
        residual = F.relu_(self.bn2(self.conv2(residual)))
        return self.join(x, self.bn3(self.conv3(residual)))
