"""Owns the way from a data set's name to its images."""

from pathlib import Path

from trainer.catalog import BUILT_IN
from trainer.data.images import Decoded
from trainer.failure import Failure


def load(dataset: str, data_folder: Path, own: Path | None = None) -> Decoded:
    """The images of a built-in data set, or of your own, a folder or an archive at `own`.

    Raises Failure(`data`) or BadDataSet where files are missing and cannot be fetched, or are not what they should be.
    """
    # Each loader is imported when it is asked for: Pillow and the rest are no part of every start.
    match dataset:
        case "digits":
            from trainer.data import digits

            return digits.load()
        case "synthetic":
            from trainer.data import synthetic

            return synthetic.load()
        case "cifar10" | "cifar100":
            from trainer.data import cifar

            return cifar.load(cifar.CIFAR10 if dataset == "cifar10" else cifar.CIFAR100, data_folder)
        case "mnist" | "fashion-mnist":
            from trainer.data import mnist

            return mnist.load(mnist.MNIST if dataset == "mnist" else mnist.FASHION_MNIST, data_folder)
    if own is None:
        built_in = ", ".join(BUILT_IN)
        raise Failure("data", f"{dataset} is none of {built_in}: say with --folder where your own data set lies")
    from trainer.data import own as own_data

    return own_data.load(own, data_folder)
