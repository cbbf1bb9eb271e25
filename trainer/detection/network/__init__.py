"""Faster R-CNN on the paper's networks, built from torchvision's parts, corrected where they differ."""

from trainer.detection.network.compiler import import_torchvision

import_torchvision()
