"""Owns `digits`: scikit-learn's 1,797 real 8×8 digits, read from its bundled file and upsampled to 32×32."""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from trainer.data.images import SIZE, DecodedDataSet, Images
from trainer.failure import Failure

CLASSES = tuple("0123456789")


def load() -> DecodedDataSet:
    """Every fifth image, starting with the first, is a test image: 360, and 1,437 for training. The split is fixed.

    Values 0–16 become 0–255 (bilinear upsampling, then rounded); grey is repeated to three channels.
    """
    with gzip.open(_file(), "rt") as file:
        table = torch.from_numpy(np.loadtxt(file, delimiter=",", dtype=np.float32))
    small = table[:, :64].reshape(-1, 1, 8, 8)
    large = F.interpolate(small, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
    pixels = (large * (255 / 16)).round().to(torch.uint8).expand(-1, 3, -1, -1).contiguous()
    images = Images(pixels, table[:, 64].long())
    is_test = torch.arange(len(images)) % 5 == 0
    return DecodedDataSet(images.pick(~is_test), images.pick(is_test), CLASSES)


def _file() -> Path:
    # Located without importing scikit-learn, which takes a second and also imports scipy.
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise Failure("data", "digits is part of scikit-learn, which is not installed. Run: pip install scikit-learn")
    return Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
