"""Owns CIFAR-10 and CIFAR-100 in their publisher's files, laid out as torchvision lays them out.

The files are pickles. Each file's MD5 is checked before it is opened, and the unpickler allows only numpy arrays.
"""

import io
import pickle
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from trainer.data.download import PublishedFile, fetch, verify
from trainer.data.images import SIZE, DecodedDataSet, Images, check_labels
from trainer.files.sealed import write_bytes

LARGEST_MEMBER_BYTES = 1 << 28
_ARRAY_PARTS = {"_reconstruct": np.ndarray(0).__reduce__()[0], "ndarray": np.ndarray, "dtype": np.dtype}


@dataclass(frozen=True)
class CifarRelease:
    """A published data set: the archive, its folder, and the files in it with their MD5."""

    archive: PublishedFile
    folder: str
    train: dict[str, str]
    test: dict[str, str]
    meta: tuple[str, str]
    names: str  # the key of the class names in the meta file
    labels: str  # the key of the labels


CIFAR10 = CifarRelease(
    PublishedFile(
        "cifar-10-python.tar.gz",
        "c58f30108f718f92721af3b95e74349a",
        ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
    ),
    "cifar-10-batches-py",
    {
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    {"test_batch": "40351d587109b95175f43aff81a1287e"},
    ("batches.meta", "5ff9c542aee3614f3951f8cda6e48888"),
    "label_names",
    "labels",
)
CIFAR100 = CifarRelease(
    PublishedFile(
        "cifar-100-python.tar.gz",
        "eb9058c3a382ffc7106e4002c42a8d85",
        ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
    ),
    "cifar-100-python",
    {"train": "16019d7e3df5f24257cddd939b257f8d"},
    {"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
    ("meta", "7973b15100ade9c7d40fb424638fde48"),
    "fine_label_names",
    "fine_labels",
)


def load(release: CifarRelease, data_folder: Path) -> DecodedDataSet:
    """Read the release from the data folder; if files are missing, fetch and unpack its archive first."""
    folder = data_folder / release.folder
    if not all((folder / name).is_file() for name in _files(release)):
        _unpack(fetch(release.archive, data_folder), release, folder)
    names = _unpickle(folder, *release.meta)[release.names]
    train, test = (_images(folder, files, release, len(names)) for files in (release.train, release.test))
    return DecodedDataSet(train, test, tuple(names))


def _unpack(archive: Path, release: CifarRelease, folder: Path) -> None:
    """Extract the release's files from the archive, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "r:gz") as members:
        for name in _files(release):
            content = members.extractfile(f"{release.folder}/{name}")
            if content is not None:
                write_bytes(folder / name, content.read(LARGEST_MEMBER_BYTES))


def _files(release: CifarRelease) -> tuple[str, ...]:
    return (*release.train, *release.test, release.meta[0])


def _images(folder: Path, files: dict[str, str], release: CifarRelease, classes: int) -> Images:
    batches = {name: _unpickle(folder, name, md5) for name, md5 in files.items()}
    # A row is 1,024 red, then green, then blue values, each colour row by row.
    pixels = np.concatenate([batch["data"] for batch in batches.values()]).reshape(-1, 3, SIZE, SIZE)
    labels = {name: torch.tensor(batch[release.labels]) for name, batch in batches.items()}
    for name, file_labels in labels.items():
        check_labels(file_labels, classes, str(folder / name))
    return Images(torch.from_numpy(pixels), torch.cat(list(labels.values())))


def _unpickle(folder: Path, name: str, md5: str) -> dict[str, Any]:  # Any: the publisher's own structure
    path = folder / name
    verify(path, md5)
    content: dict[str, Any] = _ArrayUnpickler(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    return content


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles containers, text, numbers and numpy arrays, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:  # Any: pickle's own signature
        if module == "_codecs" and name == "encode":  # how Python 3 stores bytes in an old pickle
            return lambda text, _encoding: text.encode("latin1")
        # Old pickles use numpy's former names: numpy.core.multiarray._reconstruct.
        if module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray") and name in _ARRAY_PARTS:
            return _ARRAY_PARTS[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed here")
