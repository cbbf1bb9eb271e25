"""The network beside this file, in plain PyTorch: needs torch, safetensors, config.json and model.safetensors only.

from network import load; network, mean = load(); logits = network(images_0_to_255 - mean)
"""

import base64
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn


class Block(nn.Module):
    def __init__(self, before: int, width: int, shortcut: str) -> None:
        super().__init__()
        stride = 1 if before == width else 2
        self.conv1 = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.is_plain = shortcut == "none"
        if shortcut == "C" or (shortcut == "B" and stride == 2):
            self.downsample = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.is_plain:
            return F.relu(y)
        if hasattr(self, "downsample"):
            x = self.downsample(x)
        elif x.shape != y.shape:  # option A: stride 2, zeros for the new channels
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
        return F.relu(y + x)


class CifarNet(nn.Module):
    def __init__(self, depth: int, shortcut: str, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for number, (before, width) in enumerate(((16, 16), (16, 32), (32, 64)), 1):
            blocks = [Block(width if i else before, width, shortcut) for i in range((depth - 2) // 6)]
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        for number in (1, 2, 3):
            x = self.get_submodule(f"layer{number}")(x)
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


def load(folder: Path = Path(__file__).parent) -> tuple[nn.Module, Tensor]:
    """The trained network in evaluation mode, and the mean image to subtract from RGB images of 0 to 255."""
    config, file = json.loads((folder / "config.json").read_text()), folder / "model.safetensors"
    network = _imagenet(config) if config["family"] == "imagenet" else CifarNet(*_size(config))
    network.load_state_dict(load_file(file))
    with safe_open(file, "pt") as opened:
        mean = torch.frombuffer(bytearray(base64.b64decode(opened.metadata()["input_mean"])), dtype=torch.float32)
    size = config["pretrained_cfg"]["input_size"]
    return network.eval(), mean.reshape(size)


def _size(config: dict[str, object]) -> tuple[int, str, int]:
    return int(str(config["depth"])), str(config["shortcut"]), int(str(config["num_classes"]))


def _imagenet(config: dict[str, object]) -> nn.Module:
    from torchvision import models

    network: nn.Module = getattr(models, f"resnet{config['depth']}")(num_classes=config["num_classes"])
    if config["stride_in_1x1"]:  # the paper's bottlenecks; torchvision's have their stride in the 3x3 layer
        for block in network.modules():
            if isinstance(block, models.resnet.Bottleneck):
                block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
    return network
