"""The folder of a user's data set on this machine: named by its user, or unpacked once below the data folder."""

import tempfile
from pathlib import Path

from store.db.models import Dataset
from store.db.objects import Objects
from trainer import archive


def folder(objects: Objects, data: Path, dataset: Dataset) -> Path:
    """Returns the folder, unpacked if it wasn't. Raises BadDataSet if the images have changed, and StoreError."""
    if dataset.path is not None:
        return _check_unchanged(data, Path(dataset.path), dataset)
    unpacked = place(data, dataset)
    if not unpacked.exists():
        _unpack(objects, data, dataset, unpacked)
    return unpacked


def place(data: Path, dataset: Dataset) -> Path:
    """Where an archive is unpacked."""
    return data.absolute() / "own" / dataset.manifest_hash


def _unpack(objects: Objects, data: Path, dataset: Dataset, target: Path) -> None:
    """Unpacks into a temporary folder, then renames it: processes that share the disk may do this at the same time."""
    assert dataset.key is not None  # noqa: S101 (the table's check: a path or an archive)
    assert dataset.sha256 is not None  # noqa: S101
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as aside:
        packed = Path(aside) / Path(dataset.key).name
        objects.fetch(dataset.key, packed, dataset.sha256)
        images = _check_unchanged(data, archive.unpack(packed, Path(aside) / "images"), dataset)
        packed.unlink()
        try:
            images.rename(target)
        except OSError:  # another process was faster
            if not target.exists():
                raise


def _check_unchanged(data: Path, images: Path, dataset: Dataset) -> Path:
    if dataset.annotation is None:
        manifest_hash = archive.scan(images).hash
    else:
        from trainer.data.annotated import library  # numpy, which a process of classifiers does not need

        manifest_hash = library.read(images, data.absolute(), validation=False).hash
    if manifest_hash != dataset.manifest_hash:
        raise archive.BadDataSet(
            f"{images} has changed since the data set {dataset.name} was registered: its manifest was"
            f" {dataset.manifest_hash[:12]}… and is now {manifest_hash[:12]}…. Register the folder under a new name."
        )
    return images
