"""Owns MNIST and Fashion-MNIST in their publishers' files, laid out as torchvision lays them out.

28×28 grey images become the paper's input: padded with zeros to 32×32, grey repeated in three channels, so that the
network has exactly the paper's parameters.
"""

import gzip
import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.data.download import PublishedFile, fetch
from trainer.data.images import DecodedDataSet, Images, check_labels
from trainer.failure import Failure

Pair = tuple[PublishedFile, PublishedFile]  # images and labels


@dataclass(frozen=True)
class MnistRelease:
    folder: str
    train: Pair
    test: Pair
    classes: tuple[str, ...]


def _file(address: str, name: str, md5: str) -> PublishedFile:
    return PublishedFile(name, md5, (address + name,))


_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
MNIST = MnistRelease(
    "MNIST/raw",
    (
        _file(_MNIST, "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        _file(_MNIST, "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
    ),
    (
        _file(_MNIST, "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        _file(_MNIST, "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ),
    tuple("0123456789"),
)
FASHION_MNIST = MnistRelease(
    "FashionMNIST/raw",
    (
        _file(_FASHION, "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        _file(_FASHION, "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
    ),
    (
        _file(_FASHION, "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        _file(_FASHION, "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
    ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def load(release: MnistRelease, data_folder: Path) -> DecodedDataSet:
    """Read the release's four files from the data folder, downloading missing ones."""
    folder = data_folder / release.folder
    train, test = (_images(pair, folder, len(release.classes)) for pair in (release.train, release.test))
    return DecodedDataSet(train, test, release.classes)


def _images(pair: Pair, folder: Path, classes: int) -> Images:
    pixels, labels = (_read(fetch(file, folder)) for file in pair)
    if pixels.shape[1:] != (28, 28) or labels.shape != pixels.shape[:1]:
        raise Failure("data", f"{pair[0].name} has the shape {tuple(pixels.shape)}, not 28×28 images with labels.")
    check_labels(labels, classes, str(folder / pair[1].name))
    padded = F.pad(pixels[:, None], (2, 2, 2, 2))
    return Images(padded.expand(-1, 3, -1, -1).contiguous(), labels.long())


def _read(path: Path) -> Tensor:
    """An IDX file of unsigned bytes: two zeros, type 8, the number of dimensions, their lengths, the values."""
    content = gzip.decompress(path.read_bytes())
    dimensions = content[3]
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i]) for i in range(dimensions)]
    start = 4 + 4 * dimensions
    if content[:3] != b"\0\0\x08" or len(content) - start != math.prod(shape):
        raise Failure("data", f"{path.absolute()} is not an IDX file of unsigned bytes.")
    return torch.frombuffer(bytearray(content[start:]), dtype=torch.uint8).reshape(shape)
