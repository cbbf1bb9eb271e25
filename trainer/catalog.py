"""The built-in data sets, described before any of them is on disk. Loads no torch."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["cifar", "imagenet"]
Augment = Literal["paper", "crop", "none"]


@dataclass(frozen=True)
class DataSet:
    """A data set and its publisher's counts. The family decides how images reach the network."""

    name: str
    family: Family
    classes: int
    train_images: int
    test_images: int
    augment: Augment
    about: str
    # SHA-256 of classes, images and labels, as `content_hash` of trainer/data/images.py computes it; None if no copy
    # was at hand to compute it from.
    content_hash: str | None = None
    # Its images are part of a package, and samples of them of the service.
    is_bundled: bool = False


BUILT_IN = {
    data.name: data
    for data in (
        DataSet("cifar10", "cifar", 10, 50_000, 10_000, "paper", "CIFAR-10, the paper's data (sec. 4.2)."),
        DataSet("cifar100", "cifar", 100, 50_000, 10_000, "paper", "CIFAR-100. The paper reports no results for it."),
        DataSet(
            "mnist",
            "cifar",
            10,
            60_000,
            10_000,
            "crop",
            "MNIST, padded to 32×32. Never mirrored, because a mirrored digit isn't a digit.",
        ),
        DataSet("fashion-mnist", "cifar", 10, 60_000, 10_000, "paper", "Fashion-MNIST, padded to 32×32."),
        DataSet(
            "digits",
            "cifar",
            10,
            1_437,
            360,
            "crop",
            "scikit-learn's 1,797 real 8×8 digits, upsampled to 32×32. Needs no download; never mirrored.",
            content_hash="77259d86baaf304b11670527876a584f4357d2bb113cc229be0db7415008057c",
            is_bundled=True,
        ),
        DataSet(
            "imagenet",
            "imagenet",
            1000,
            1_281_167,
            50_000,
            "paper",
            "ImageNet 2012 (sec. 4.1), which you provide as imagenet/train/<class>/… and imagenet/val/<class>/…",
        ),
        DataSet(
            "synthetic", "cifar", 10, 2_000, 500, "paper", "Images generated from a seed, for tests and benchmarks."
        ),
    )
}

# Names that cannot be registered for a data set of your own.
RESERVED = frozenset(BUILT_IN)
