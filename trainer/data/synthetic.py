"""Owns `synthetic`: images generated from a fixed seed in integers, identical on every machine, easy to learn."""

import torch

from trainer.catalog import BUILT_IN
from trainer.chance import generator
from trainer.data.images import SIZE, DecodedDataSet, Images

# The data set's own seed: it must not depend on a run's seed.
SEED = 2015
NOISE = 64


def load() -> DecodedDataSet:
    """2,000 training and 500 test images of 10 classes: a coarse pattern per class, plus noise."""
    about = BUILT_IN["synthetic"]
    patterns = torch.randint(NOISE, 256 - NOISE, (about.classes, 3, 4, 4), generator=generator(SEED, "patterns"))
    cell = SIZE // 4
    large = patterns.repeat_interleave(cell, dim=2).repeat_interleave(cell, dim=3)
    train, test = (_draw(large, count, split) for split, count in enumerate((about.train_images, about.test_images)))
    return DecodedDataSet(train, test, tuple(f"pattern {number}" for number in range(about.classes)))


def _draw(patterns: torch.Tensor, count: int, split: int) -> Images:
    labels = torch.arange(count) % len(patterns)
    noise = torch.randint(-NOISE, NOISE, (count, 3, SIZE, SIZE), generator=generator(SEED, "noise", split))
    return Images((patterns[labels] + noise).to(torch.uint8), labels)
