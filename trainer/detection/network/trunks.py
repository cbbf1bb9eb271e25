"""Owns how a classifier is cut in two (App. A): the trunk, shared over the whole image, and the head of each region.

ResNets are cut before conv5_x: conv1 to conv4_x have stride 16, and conv5_x with its average pooling plays the role of
VGG-16's fc layers. VGG-16 is cut after conv5_3.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import vgg
from torchvision.ops import FrozenBatchNorm2d

from trainer.detection.network.chance import Chance, Dropout
from trainer.detection.spec import DetectionSpec
from trainer.networks.imagenet import ImageNetNet

VGG_WIDTH, VGG_FEATURES = 512, 4096
# Torchvision's positions of the layers in which conv1 to conv4 of VGG-16 end: after their pooling.
VGG_ENDS = (5, 10, 17, 24)


@dataclass(frozen=True)
class Halves:
    """`width` counts the trunk's channels and `features` the head's outputs; `stages` are conv1, conv2_x … in order."""

    trunk: nn.Module
    width: int
    head: nn.Module
    features: int
    stages: tuple[tuple[nn.Module, ...], ...]


class ResNetTrunk(nn.Module):
    """Images (N, 3, H, W) to maps (N, C, H/16, W/16): conv1 to conv4_x. Keys are the classifier's."""

    def __init__(self, network: ImageNetNet) -> None:
        super().__init__()
        self.conv1, self.bn1 = network.conv1, network.bn1
        self.layer1, self.layer2, self.layer3 = network.layer1, network.layer2, network.layer3

    def forward(self, images: Tensor) -> Tensor:
        maps = F.relu_(self.bn1(self.conv1(images)))
        maps = F.max_pool2d(maps, 3, stride=2, padding=1)
        shared: Tensor = self.layer3(self.layer2(self.layer1(maps)))
        return shared


class ResNetHead(nn.Module):
    """Pooled regions (K, C, size, size) to features (K, 2C): conv5_x, then the average."""

    def __init__(self, network: ImageNetNet) -> None:
        super().__init__()
        self.layer4 = network.layer4

    def forward(self, regions: Tensor) -> Tensor:
        maps: Tensor = self.layer4(regions)
        return maps.mean(dim=(2, 3))


class VggHead(nn.Module):
    """Pooled regions (K, 512, size, size) to features (K, 4096): fc6 and fc7, with dropout in training ([32])."""

    def __init__(self, size: int, chance: Chance) -> None:
        super().__init__()
        self.fc6 = nn.Linear(VGG_WIDTH * size * size, VGG_FEATURES)
        self.drop6 = Dropout(chance, "fc6")
        self.fc7 = nn.Linear(VGG_FEATURES, VGG_FEATURES)
        self.drop7 = Dropout(chance, "fc7")

    def forward(self, regions: Tensor) -> Tensor:
        features = self.drop6(F.relu_(self.fc6(regions.flatten(1))))
        dropped: Tensor = self.drop7(F.relu_(self.fc7(features)))
        return dropped


def halves(spec: DetectionSpec, chance: Chance) -> Halves:
    """The specification's network, cut in two."""
    if spec.network == "vgg16":
        # Without the last max pooling, which RoI pooling replaces.
        # torchvision's VGG-16 without its fc layers, whose initialisation takes seconds.
        layers = vgg.make_layers(vgg.cfgs["D"])[:-1]
        starts = (0, *VGG_ENDS)
        stages = tuple(tuple(layers[first:end]) for first, end in zip(starts, VGG_ENDS, strict=False))
        return Halves(layers, VGG_WIDTH, VggHead(spec.roi.size, chance), VGG_FEATURES, stages)
    # Table 7's ResNet-101 is Table 4's, with option B. One class: the classifier's fc layer is not used.
    network = ImageNetNet(spec.depth, "B", 1, stride_in_1x1=spec.stride_in_1x1)
    if spec.batch_norm == "frozen":
        _freeze_batch_norm(network)
    features = network.fc.in_features
    stages = ((network.conv1, network.bn1), (network.layer1,), (network.layer2,), (network.layer3,))
    return Halves(ResNetTrunk(network), features // 2, ResNetHead(network), features, stages)


def _freeze_batch_norm(module: nn.Module) -> None:
    """Replace every batch norm by one whose γ, β and statistics are constants (sec. 4.3)."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, FrozenBatchNorm2d(child.num_features, eps=child.eps))
        else:
            _freeze_batch_norm(child)
