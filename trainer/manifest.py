"""Owns the layout of your own data sets, and their identity: the manifest hash. Loads no torch.

train/<class>/…   images, at any depth below the class
test/<class>/…    the same classes; without a test/ folder, val/ is read instead, as in ImageNet's layout
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"})
# What desktops leave behind. Everything that starts with a dot is ignored as well.
STRAY = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class BadDataSet(Exception):
    """A data set that cannot be used. The message names the file or folder, and says what is wrong with it."""


@dataclass(frozen=True)
class ImageFile:
    path: str  # relative to the manifest's root, with forward slashes
    split: Split
    label: int  # the index of its class
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A data set's files. `counts[split][class]` counts its images, and `ignored` all other files."""

    root: Path
    classes: tuple[str, ...]  # sorted: the label is the index
    counts: dict[Split, dict[str, int]]
    images: tuple[ImageFile, ...]  # sorted by path
    hash: str  # SHA-256 over the sorted lines "path<tab>sha256", in hex
    size_bytes: int
    ignored: int

    @property
    def train_images(self) -> int:
        return sum(self.counts["train"].values())

    @property
    def test_images(self) -> int:
        return sum(self.counts["test"].values())


def sha256(path: Path) -> str:
    """The SHA-256 of the file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scan(folder: Path, hash_of: Callable[[Path], str] = sha256) -> Manifest:
    """Read a data set's folder, or a folder that contains nothing else. Files are hashed, but not decoded.

    Raises BadDataSet if the layout is not the one above.
    """
    root = _root(folder)
    folders = _split_folders(root)
    classes = _classes(folders)
    files = [
        (path, split, label)
        for split in SPLITS
        for label, name in enumerate(classes)
        for path in _files(folders[split] / name, root)
    ]
    images = [file for file in files if file[0].suffix.lower() in SUFFIXES]
    counts: dict[Split, dict[str, int]] = {split: dict.fromkeys(classes, 0) for split in SPLITS}
    for (split, label), count in Counter((split, label) for _, split, label in images).items():
        counts[split][classes[label]] = count
    _refuse_empty_classes(counts)
    image_files = sorted(
        (_image_file(root, *image, hash_of(image[0])) for image in images), key=lambda image: image.path
    )
    return Manifest(
        root=root,
        classes=classes,
        counts=counts,
        images=tuple(image_files),
        hash=_hash(image_files),
        size_bytes=sum(path.stat().st_size for path, _, _ in images),
        ignored=len(files) - len(images),
    )


def is_stray(name: str) -> bool:
    return name.startswith(".") or name in STRAY


def _root(folder: Path) -> Path:
    if not folder.is_dir():
        raise BadDataSet(f"{folder} is not a folder.")
    inside = [path for path in folder.iterdir() if path.is_dir() and not is_stray(path.name)]
    return inside[0] if len(inside) == 1 and inside[0].name not in SPLITS else folder


def _split_folders(root: Path) -> dict[Split, Path]:
    has_test = (root / "test").is_dir() or not (root / "val").is_dir()
    folders: dict[Split, Path] = {"train": root / "train", "test": root / ("test" if has_test else "val")}
    for split, path in folders.items():
        if not path.is_dir():
            raise BadDataSet(f"The data set has no {split}/ folder; it needs train/<class>/… and test/<class>/…")
    return folders


def _classes(folders: dict[Split, Path]) -> tuple[str, ...]:
    train, test = ({path.name for path in _class_folders(folders[split])} for split in SPLITS)
    if not train:
        raise BadDataSet("train/ has no class folders; it needs train/<class>/…")
    test_folder = folders["test"].name
    for name in sorted(train - test):
        raise BadDataSet(f"Class {name!r} is missing in {test_folder}/. Add images of it to {test_folder}/{name}/.")
    for name in sorted(test - train):
        raise BadDataSet(f"Class {name!r} is in {test_folder}/ but not in train/, so it cannot be learned.")
    if len(train) < 2:
        raise BadDataSet(f"The data set has only one class ({min(train)!r}); it needs at least two.")
    return tuple(sorted(train))


def _class_folders(split: Path) -> Iterator[Path]:
    _refuse_link(split, split.parent)
    for path in split.iterdir():
        if is_stray(path.name):
            continue
        _refuse_link(path, split.parent)
        if path.is_dir():
            yield path
        elif path.suffix.lower() in SUFFIXES:
            raise BadDataSet(f"{split.name}/{path.name} is not in a class folder. Move it to {split.name}/<class>/.")


def _files(folder: Path, root: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if is_stray(path.name):
            continue
        _refuse_link(path, root)
        if path.is_dir():
            yield from _files(path, root)
        elif path.is_file():
            yield path


def _refuse_link(path: Path, root: Path) -> None:
    # A link could expose files outside the data set, and its target could change after it was hashed.
    if path.is_symlink():
        raise BadDataSet(f"{path.relative_to(root).as_posix()} is a link. Replace it with the file itself.")
    name = path.name
    if not name.isprintable() or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise BadDataSet(f"{name!a} is not a valid name: it contains characters that cannot be printed.")


def _refuse_empty_classes(counts: dict[Split, dict[str, int]]) -> None:
    if not any(any(by_class.values()) for by_class in counts.values()):
        raise BadDataSet(f"The data set has no images. Their names must end in {', '.join(sorted(SUFFIXES))}.")
    for split, by_class in counts.items():
        for name, count in by_class.items():
            if not count:
                raise BadDataSet(f"Class {name!r} has no images in {split}/.")


def _image_file(root: Path, path: Path, split: Split, label: int, digest: str) -> ImageFile:
    return ImageFile(path.relative_to(root).as_posix(), split, label, digest)


def _hash(images: list[ImageFile]) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(f"{image.path}\t{image.sha256}\n".encode())
    return digest.hexdigest()
