"""Owns how an error may be measured, as the columns of the paper's tables say it, and by which views."""

from typing import Final, Literal

from trainer.catalog import Family
from trainer.examination import Views

Protocol = Literal["single view", "centre crop", "10-crop", "dense multi-scale", "ensemble"]
# How a run measures its own errors while it trains (sec. 4.2, Fig. 4).
TRAINING_PROTOCOLS: Final[dict[Family, Protocol]] = {"cifar": "single view", "imagenet": "centre crop"}
# How finished weights are evaluated (sec. 3.4). In every other protocol they see a single view, as in training.
VIEWS: Final[dict[Protocol | None, Views]] = {"10-crop": "ten-crop", "dense multi-scale": "multi-scale"}
PROTOCOLS: Final[dict[Views | None, Protocol | None]] = {views: protocol for protocol, views in VIEWS.items()}
