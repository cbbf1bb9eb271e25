"""Owns RoI pooling (App. A): the maximum over each cell of a region's grid."""

import torch
from torch import Tensor, nn
from torchvision.ops import roi_pool
from torchvision.ops._utils import convert_boxes_to_roi_format

from trainer.detection.spec import STRIDE


class RoIPool(nn.Module):
    """Maps (N, C, H, W) and regions (K, 4) of each image, in pixels of the scaled image, to (ΣK, C, size, size)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def forward(self, maps: Tensor, regions: list[Tensor]) -> Tensor:
        if maps.is_cuda and torch.are_deterministic_algorithms_enabled():
            return pool_deterministically(maps, regions, self._size)
        pooled: Tensor = roi_pool(maps, regions, self._size, 1 / STRIDE)
        return pooled


def pool_deterministically(maps: Tensor, regions: list[Tensor], size: int) -> Tensor:
    """RoI pooling whose gradient adds up in a fixed order. Torchvision's, on a GPU, adds in any order, and refuses to
    run where torch is told to be deterministic.
    """
    rois = convert_boxes_to_roi_format(regions)
    with torch.no_grad():
        _, argmax = torch.ops.torchvision.roi_pool(maps.contiguous(), rois, 1 / STRIDE, size, size)
    flat = maps.flatten(2)
    image = rois[:, 0].long()[:, None, None, None]
    channel = torch.arange(maps.shape[1], device=maps.device)[None, :, None, None]
    # A cell that lies outside the map has no maximum, and is 0.
    is_empty = argmax < 0
    return flat[image, channel, argmax.clamp(min=0).long()].masked_fill(is_empty, 0.0)
