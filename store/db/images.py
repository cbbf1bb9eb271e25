"""The folder of a user's data set on this machine: named by its user, or unpacked once below the data folder."""

import os
import tempfile
from pathlib import Path

from store.db.models import Dataset
from store.db.objects import Objects
from trainer.inspection.reading import Inspection, inspect
from trainer.manifest import BadDataSet


def folder(objects: Objects, data: Path, dataset: Dataset, *, is_boxed: bool = True) -> Path:
    """Returns the folder, unpacked if it wasn't. Raises BadDataSet if the images have changed, and StoreError."""
    if dataset.path is not None:
        with tempfile.TemporaryDirectory() as aside:
            return _check_unchanged(_inspection(data, dataset, Path(dataset.path), Path(aside), is_boxed), dataset)
    unpacked = place(data, dataset)
    if not unpacked.exists():
        _unpack(objects, data, dataset, is_boxed)
    return unpacked


def place(data: Path, dataset: Dataset) -> Path:
    """Where an archive is unpacked."""
    return data.absolute() / "own" / dataset.manifest_hash


def _unpack(objects: Objects, data: Path, dataset: Dataset, is_boxed: bool) -> None:
    """Unpacks into a temporary folder, then renames it: processes that share the disk may do this at the same time."""
    assert dataset.key is not None  # noqa: S101 (the table's check: a path or an archive)
    assert dataset.sha256 is not None  # noqa: S101
    target = place(data, dataset)
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:  # root's trainers have a user of their own, who passes through here
        target.parent.chmod(0o711)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as aside:
        packed = Path(aside) / Path(dataset.key).name
        objects.fetch(dataset.key, packed, dataset.sha256)
        images = _check_unchanged(_inspection(data, dataset, packed, Path(aside), is_boxed), dataset)
        packed.unlink()
        try:
            images.rename(target)
        except OSError:  # another process was faster
            if not target.exists():
                raise


def _inspection(data: Path, dataset: Dataset, source: Path, aside: Path, is_boxed: bool) -> Inspection:
    return Inspection(dataset.name, source, aside, data=data.absolute(), is_boxed=is_boxed)


def _check_unchanged(inspection: Inspection, dataset: Dataset) -> Path:
    """Reads the images in a box. Returns their folder. Raises BadDataSet unless they are as registered."""
    manifest_hash = inspect(inspection).hash
    if manifest_hash != dataset.manifest_hash:
        raise BadDataSet(
            f"{inspection.source} has changed since the data set {dataset.name} was registered: its manifest was"
            f" {dataset.manifest_hash[:12]}… and is now {manifest_hash[:12]}…. Register the folder under a new name."
        )
    return inspection.images
