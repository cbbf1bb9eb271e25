"""Faster R-CNN on the paper's networks, built from torchvision's parts, corrected where they differ."""
