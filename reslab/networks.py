"""The paper's networks as a library: build one, or load weights that Reslab has trained. This module loads torch.

>>> from reslab import networks
>>> sum(weight.numel() for weight in networks.cifar(20, "A").parameters())
269722
"""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from trainer.finished.export import PixelNetwork
from trainer.finished.model import load as load_model
from trainer.networks.cifar import CifarNet
from trainer.networks.imagenet import ImageNetNet

if TYPE_CHECKING:
    from trainer.spec import Shortcut

StateDict = dict[str, torch.Tensor]
__all__ = ["CifarNet", "ImageNetNet", "PixelNetwork", "StateDict", "cifar", "imagenet", "load", "state_dict"]


def cifar(depth: int, shortcut: "Shortcut" = "A", classes: int = 10) -> CifarNet:
    """A network of sec. 4.2: `depth` is 6n+2, `shortcut` is none (plain), A, B or C. Takes (N, 3, 32, 32).

    Raises ValueError for another depth. The weights are torch's default initialisation.

    >>> networks.cifar(56, "none")(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 10])
    """
    return CifarNet(depth, shortcut, classes)


def imagenet(depth: int, shortcut: "Shortcut" = "B", classes: int = 1000, *, stride_in_1x1: bool = True) -> ImageNetNet:
    """A network of Table 1: 18, 34, 50, 101 or 152 layers. Takes (N, 3, 224, 224).

    torchvision's and timm's ResNets are option B; those of 50 layers and more have `stride_in_1x1=False`. Keys and
    shapes are theirs, so weights load both ways.

    >>> "layer4.1.bn2.running_var" in networks.imagenet(18).state_dict()
    True
    """
    return ImageNetNet(depth, shortcut, classes, stride_in_1x1=stride_in_1x1)


def state_dict(file: str | PathLike[str]) -> StateDict:
    """The weights in a .safetensors file of a run, for `load_state_dict` with strict=True.

    >>> file = run.download("resnet-8.safetensors")
    >>> network = networks.cifar(8, "A")
    >>> network.load_state_dict(networks.state_dict(file))
    <All keys matched successfully>
    """
    from safetensors.torch import load_file

    return load_file(file)


def load(file: str | PathLike[str], device: str = "cpu") -> PixelNetwork:
    """The network that a .safetensors file of a run describes, in evaluation mode, with its mean image subtracted.

    It takes (N, 3, H, W) RGB from 0 to 255. Raises trainer.failure.Failure for a file that doesn't describe its
    network.

    >>> networks.load(run.download("resnet-8.safetensors"))(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 10])
    """
    return PixelNetwork(load_model(Path(file), torch.device(device))).eval()
