"""The oracle of exact counts: the networks of sec. 4.2 (10 classes, 3×32×32) and of Table 1 (1000, 3×224×224).

They are from `paper/data/counts.json`, which names their sources.
"""

from paper.references import NetworkCounts, counts

TABLE = counts()
COUNTS: tuple[NetworkCounts, ...] = tuple(net for net in TABLE.networks if net.dataset == "CIFAR-10")
IMAGENET_COUNTS: tuple[NetworkCounts, ...] = tuple(net for net in TABLE.networks if net.dataset == "ImageNet")
# Sec. 4.1: "still lower complexity than VGG-16/19 nets"; here with their fc layers.
VGG_MULTIPLY_ADDS = {int(net.network.removeprefix("VGG-")): net.multiply_adds for net in TABLE.vgg}
