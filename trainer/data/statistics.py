"""Owns what the training images are on average: the mean image, and the principal components of their colours.

Both are of the centre crops at shorter side 256, over the training images only, and kept in the data folder: they
cost one pass over the data set. (Assumption: the paper does not say which crops its mean is of.)
"""

import hashlib
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic

import numpy as np
import torch
from torch import Tensor

from trainer.data.decoding import CROP, Sums, centre, moments
from trainer.data.loaders import Loaders
from trainer.files import sealed

TOGETHER = 50  # images that one process adds up before it says so
PROGRESS_SECONDS = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Statistics:
    """`mean` float32 (3, 224, 224) in 0–255. `colours` float32 (3, 3): a row is a principal component of the RGB
    values times their standard deviation along it.

    AlexNet's text says "the corresponding eigenvalues"; its authors' code multiplies by standard deviations, which
    unlike eigenvalues do not depend on the unit that pixels are in.
    """

    mean: Tensor
    colours: Tensor


def measure(root: Path, paths: Sequence[str], loaders: Loaders, folder: Path) -> Statistics:
    """Of these images; read from `folder` where they were measured before."""
    kept = folder / f"{hashlib.sha256(chr(10).join(paths).encode()).hexdigest()}.safetensors"
    if kept.exists():
        try:
            return Statistics(**sealed.read(kept)[0])
        except sealed.Torn as torn:
            log.warning("%s: measuring the training images again", torn)
    measured = _measure(root, paths, loaders)
    folder.mkdir(parents=True, exist_ok=True)
    sealed.write(kept, {"mean": measured.mean, "colours": measured.colours}, {})
    return measured


def _measure(root: Path, paths: Sequence[str], loaders: Loaders) -> Statistics:
    log.info("measuring the mean and the colours of %d training images, once for this data set", len(paths))
    total = np.zeros((CROP, CROP, 3), dtype=np.int64)
    squares = np.zeros((3, 3), dtype=np.int64)
    told = monotonic()
    for number, (pixels, colours) in enumerate(_moments(root, paths, loaders), 1):
        total += pixels
        squares += colours
        if monotonic() - told > PROGRESS_SECONDS:
            told = monotonic()
            log.info("%d of %d images measured", number * TOGETHER, len(paths))
    mean = torch.from_numpy(total / len(paths)).permute(2, 0, 1).float().contiguous()
    return Statistics(mean, _components(total.sum(axis=(0, 1)), squares, len(paths) * CROP * CROP))


def _moments(root: Path, paths: Sequence[str], loaders: Loaders) -> Iterator[tuple[Sums, Sums]]:
    parts = (paths[first : first + TOGETHER] for first in range(0, len(paths), TOGETHER))
    sums = (loaders.start(moments, root, list(map(centre, part))) for part in parts)
    waiting = deque(islice(sums, loaders.count * 2))
    while waiting or (waiting := deque(islice(sums, 1))):
        yield waiting.popleft().result()
        waiting.extend(islice(sums, 1))


def _components(total: Sums, squares: Sums, count: int) -> Tensor:
    """A component a row, times its standard deviation. Its sign is free: the largest entry is positive."""
    mean = torch.from_numpy(total / count)
    covariance = torch.from_numpy(squares / count) - torch.outer(mean, mean)
    variances, vectors = torch.linalg.eigh(covariance)
    largest = vectors.abs().argmax(dim=0)
    vectors = vectors * vectors[largest, torch.arange(3)].sign()
    components: Tensor = (vectors * variances.clamp_min(0).sqrt()).T
    return components.float().contiguous()
