"""Owns the lookup of a data set's images by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from trainer.catalog import BUILT_IN
from trainer.data.images import Data, DecodedDataSet, arrange
from trainer.failure import Failure
from trainer.spec import RunSpec

if TYPE_CHECKING:
    from trainer.data.loaders import Loaders
    from trainer.data.photographs import PhotographData
    from trainer.detection.data import DetectionData
    from trainer.detection.spec import DetectionSpec


def prepare(
    spec: RunSpec, data_folder: Path, own: Path | None, device: torch.device, loaders: Loaders
) -> Data | PhotographData:
    """A run's data, as its family uses it: entirely on the device, or decoded by loaders.

    Raises the errors of `load`, and Failure(`invalid`) if the data set is too small for the specification.
    """
    if spec.family == "cifar":
        return arrange(load(spec.dataset, data_folder, own), spec.train_images, spec.seed, device)
    from trainer.data import photographs

    return photographs.load(spec, photographs_folder(spec.dataset, data_folder, own), data_folder, device, loaders)


def annotated(
    spec: DetectionSpec, data_folder: Path, own: Path | None, device: torch.device, loaders: Loaders
) -> DetectionData:
    """A detection run's data: at `own`, a folder or an archive, or in the data folder under the data set's name.

    Raises BadDataSet, and Failure(`data`) if there is no such folder.
    """
    from trainer.data.own import unpacked
    from trainer.detection import data

    folder = data_folder / spec.dataset
    if own is None and not folder.is_dir():
        raise Failure("data", f"{spec.dataset} is not downloaded automatically. Put it at {folder}, or pass --folder.")
    return data.load(spec, folder if own is None else unpacked(own, data_folder), data_folder, device, loaders)


def annotated_summary(name: str, data_folder: Path, own: Path) -> dict[str, object] | None:
    """A data set with boxes in numbers; None if `own` has another layout. Raises BadDataSet."""
    from trainer.data.annotated import library, summary
    from trainer.data.own import unpacked

    folder = unpacked(own, data_folder)
    if not library.is_annotated(folder):
        return None
    return {"name": name} | summary.of(library.read(folder, data_folder, validation=False))


def photographs_folder(dataset: str, data_folder: Path, own: Path | None) -> Path:
    """A photograph data set's folder: `own`, unpacked if it is an archive, or a folder in the data folder."""
    if own is None:
        folder = data_folder / dataset
        if not folder.is_dir():
            raise Failure(
                "data",
                f"{dataset} is not downloaded automatically. Put it at {folder} as train/<class>/… and val/<class>/…, "
                "or pass its folder with --folder.",
            )
        return folder
    from trainer.data.own import unpacked

    return unpacked(own, data_folder)


def load(dataset: str, data_folder: Path, own: Path | None = None) -> DecodedDataSet:
    """The images of a built-in data set, or of your own: a folder or an archive at `own`.

    Raises Failure(`data`) or BadDataSet if files cannot be downloaded, or are not as expected.
    """
    # Each module is imported on first use, to keep start-up fast.
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
        case "imagenet":
            raise Failure("invalid", "imagenet cannot be loaded as a whole: it is decoded during training.")
    if own is None:
        built_in = ", ".join(BUILT_IN)
        raise Failure("data", f"{dataset} is not a built-in data set ({built_in}). Pass your own with --folder.")
    from trainer.data import own as own_data

    return own_data.load(own, data_folder)
