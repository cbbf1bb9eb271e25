"""Owns the baseline of the comparison: how CIFAR-10 is usually trained with PyTorch, neither tuned nor slowed.

Its parts are those of the scripts that most people start from (akamaster/pytorch_resnet_cifar10 and its copies):
a Dataset of PIL images in a DataLoader, torchvision's transforms one image at a time, a network in torch's default
memory format, torch.optim.SGD, and meters that read loss and accuracy back at every step. It runs in its
own process, unaffected by our settings, and imports none of our code. For each number on stdin it trains that many
iterations and prints the number; in between it waits.
"""

import sys
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

TRANSFORM = transforms.Compose(
    [
        transforms.RandomHorizontalFlip(),
        transforms.RandomCrop(32, 4),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def main(batch_size: int, loaders: int, device: torch.device) -> None:
    losses = iterations(batch_size, loaders, device)
    for line in sys.stdin:
        for _ in range(int(line)):
            next(losses)
        print(line, end="", flush=True)


def iterations(batch_size: int, loaders: int, device: torch.device) -> Iterator[float]:
    """Train ResNet-20 without end; yields the loss after each iteration."""
    loader = DataLoader(
        PilImages(),
        batch_size,
        shuffle=True,
        num_workers=loaders,
        pin_memory=device.type == "cuda",
        drop_last=True,  # so that every iteration has as many images as ours
    )
    network = ResNet().to(device)
    criterion = nn.CrossEntropyLoss()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    losses, top1 = Meter(), Meter()
    network.train()
    while True:
        for batch in loader:
            inputs, labels = (part.to(device) for part in batch)
            output = network(inputs)
            loss = criterion(output, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.update(loss.item(), len(labels))
            top1.update(accuracy(output.detach(), labels).item(), len(labels))
            yield losses.last


def accuracy(output: Tensor, labels: Tensor) -> Tensor:
    """Top-1, in percent."""
    _, guesses = output.topk(1, 1, True, True)
    return guesses.t().eq(labels.view(1, -1)).float().sum() * 100 / len(labels)


class Meter:
    def __init__(self) -> None:
        self.last, self._sum, self._count, self.average = 0.0, 0.0, 0, 0.0

    def update(self, value: float, count: int) -> None:
        self.last = value
        self._sum += value * count
        self._count += count
        self.average = self._sum / self._count


class PilImages(Dataset[tuple[Tensor, int]]):
    """Like torchvision.datasets.CIFAR10: an array of all images, converted to a PIL image on access."""

    def __init__(self) -> None:
        chance = np.random.default_rng(2015)
        self._pixels = chance.integers(0, 256, (50_000, 32, 32, 3), dtype=np.uint8)
        self._labels: list[int] = chance.integers(0, 10, 50_000).tolist()

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return TRANSFORM(Image.fromarray(self._pixels[index])), self._labels[index]


class ResNet(nn.Module):
    """ResNet-20 A."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(BasicBlock(16, 16, 1), BasicBlock(16, 16, 1), BasicBlock(16, 16, 1))
        self.layer2 = nn.Sequential(BasicBlock(16, 32, 2), BasicBlock(32, 32, 1), BasicBlock(32, 32, 1))
        self.layer3 = nn.Sequential(BasicBlock(32, 64, 2), BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer1(out)
        out = self.layer2(out)
        out = self.layer3(out)
        out = F.avg_pool2d(out, out.size()[3])
        logits: Tensor = self.linear(out.view(out.size(0), -1))
        return logits


class BasicBlock(nn.Module):
    def __init__(self, in_planes: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.added_channels = planes - in_planes

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)

    def shortcut(self, x: Tensor) -> Tensor:
        if not self.added_channels:
            return x
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.added_channels // 2, self.added_channels // 2), "constant", 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), torch.device(sys.argv[3]))
