"""The oracle of exact counts: the networks of sec. 4.2 (10 classes, 3×32×32) and of Table 1 (1000, 3×224×224).

They stand in `paper/data/counts.json`, which says where they come from.
"""

from paper.references import NetworkCounts, counts

COUNTS: tuple[NetworkCounts, ...] = tuple(each for each in counts().networks if each.dataset == "CIFAR-10")
IMAGENET_COUNTS: tuple[NetworkCounts, ...] = tuple(each for each in counts().networks if each.dataset == "ImageNet")
# Sec. 4.1: "still lower complexity than VGG-16/19 nets"; here with their fc layers.
VGG_MULTIPLY_ADDS = {int(each.network.removeprefix("VGG-")): each.multiply_adds for each in counts().vgg}
