"""The paper's networks, one file per family. They need only torch, so weights load without the rest of Reslab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainer.networks.cifar import CifarNet
from trainer.networks.imagenet import ImageNetNet

if TYPE_CHECKING:
    from trainer.spec import RunSpec

Network = CifarNet | ImageNetNet


def build(spec: RunSpec, classes: int) -> Network:
    """The specification's network, with torch's default weights; see trainer/networks/initialisation.py."""
    match spec.family:
        case "cifar":
            return CifarNet(spec.depth, spec.shortcut, classes, recomputed_blocks=spec.recomputed_blocks)
        case "imagenet":
            return ImageNetNet(
                spec.depth,
                spec.shortcut,
                classes,
                stride_in_1x1=spec.stride_in_1x1,
                recomputed_blocks=spec.recomputed_blocks,
            )
