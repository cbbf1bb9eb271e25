"""Owns the training images' statistics: the mean image, and the principal components of their colours.

Both are computed from the training images' centre crops at shorter side 256, in one pass, and stored in the data
folder. (Assumption: the paper does not say from which crops it computes the mean.)
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

IMAGES_PER_TASK = 50
PROGRESS_SECONDS = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Statistics:
    """`mean` float32 (3, 224, 224) in 0–255. `colours` float32 (3, 3): a row is a principal component of the RGB
    values times their standard deviation along it.

    AlexNet's text says "the corresponding eigenvalues". Its authors' code multiplies by standard deviations; unlike
    with eigenvalues, the result does not depend on the pixels' unit.
    """

    mean: Tensor
    colours: Tensor


def measure(root: Path, paths: Sequence[str], loaders: Loaders, folder: Path) -> Statistics:
    """The statistics of these images, read from `folder` if they were computed before."""
    cache = folder / f"{hashlib.sha256(chr(10).join(paths).encode()).hexdigest()}.safetensors"
    if cache.exists():
        try:
            return Statistics(**sealed.read(cache)[0])
        except sealed.DamagedFile as error:
            log.warning("%s: measuring the training images again", error)
    measurement = _measure(root, paths, loaders)
    folder.mkdir(parents=True, exist_ok=True)
    sealed.write(cache, {"mean": measurement.mean, "colours": measurement.colours}, {})
    return measurement


def _measure(root: Path, paths: Sequence[str], loaders: Loaders) -> Statistics:
    log.info("computing the mean and the colours of %d training images, once for this data set", len(paths))
    total = np.zeros((CROP, CROP, 3), dtype=np.int64)
    squares = np.zeros((3, 3), dtype=np.int64)
    logged_s = monotonic()
    for number, (pixels, colours) in enumerate(_moments(root, paths, loaders), 1):
        total += pixels
        squares += colours
        if monotonic() - logged_s > PROGRESS_SECONDS:
            logged_s = monotonic()
            log.info("%d of %d images done", number * IMAGES_PER_TASK, len(paths))
    mean = torch.from_numpy(total / len(paths)).permute(2, 0, 1).float().contiguous()
    return Statistics(mean, _components(total.sum(axis=(0, 1)), squares, len(paths) * CROP * CROP))


def _moments(root: Path, paths: Sequence[str], loaders: Loaders) -> Iterator[tuple[Sums, Sums]]:
    parts = (paths[first : first + IMAGES_PER_TASK] for first in range(0, len(paths), IMAGES_PER_TASK))
    sums = (loaders.start(moments, root, list(map(centre, part))) for part in parts)
    waiting = deque(islice(sums, loaders.count * 2))
    while waiting or (waiting := deque(islice(sums, 1))):
        yield waiting.popleft().result()
        waiting.extend(islice(sums, 1))


def _components(total: Sums, squares: Sums, count: int) -> Tensor:
    """One component per row, times its standard deviation. The sign is arbitrary: the largest entry is positive."""
    mean = torch.from_numpy(total / count)
    covariance = torch.from_numpy(squares / count) - torch.outer(mean, mean)
    variances, vectors = torch.linalg.eigh(covariance)
    largest = vectors.abs().argmax(dim=0)
    vectors = vectors * vectors[largest, torch.arange(3)].sign()
    components: Tensor = (vectors * variances.clamp_min(0).sqrt()).T
    return components.float().contiguous()
