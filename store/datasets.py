"""Data sets that runs may name: the built-in ones, and users' own, identified by their manifest hash."""

import hashlib

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.database import QUEUE_CHANGED, notify
from store.db.errors import Conflict, NotFound, Refused
from store.db.models import Dataset, Run, SampleSheet
from store.runs.states import TERMINAL
from trainer.catalog import BUILT_IN, RESERVED
from trainer.detection.catalog import LAB_DATA
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec
from trainer.tasks import Spec

# The sheet of an archive's sample images is at the archive's key with this suffix. It can be drawn again at any time.
SHEET = ".sheet.png"
# Which data sets a caller may see, as a condition (`store.people.rights.readable`); None: all.
Readable = ColumnElement[bool] | None


def register(session: Session, dataset: Dataset) -> tuple[Dataset, bool]:
    """Adds a user's data set, and says whether it is new: the same content under the same name is not an error.

    Raises Conflict if the name stands for other content, and Refused if it is a built-in name.
    """
    if dataset.name in RESERVED or dataset.name in LAB_DATA:
        raise Refused("name", f"The name {dataset.name} belongs to a built-in data set. Choose another name.")
    row = {
        "name": dataset.name,
        "project": dataset.project,
        "owner": dataset.owner,
        "about": dataset.about,
        "manifest_hash": dataset.manifest_hash,
        "classes": dataset.classes,
        "train_images": dataset.train_images,
        "test_images": dataset.test_images,
        "size_bytes": dataset.size_bytes,
        "key": dataset.key,
        "sha256": dataset.sha256,
        "path": dataset.path,
        "annotation": dataset.annotation,
        "samples": dataset.samples,
    }
    added = session.scalar(insert(Dataset).values(row).on_conflict_do_nothing().returning(Dataset))
    if added is not None:
        return added, True
    earlier = get(session, dataset.name)
    if earlier.manifest_hash != dataset.manifest_hash:
        raise Conflict(
            f"There is already another data set named {dataset.name} (manifest {earlier.manifest_hash[:12]}…)."
            " Choose another name."
        )
    return earlier, False


def get(session: Session, name: str) -> Dataset:
    """Returns the user's data set of that name. Raises NotFound."""
    dataset = session.get(Dataset, name)
    if dataset is None:
        raise NotFound(f"There is no data set {name}.")
    return dataset


def list_all(session: Session, readable: Readable = None) -> list[Dataset]:
    """Returns the users' data sets, by name."""
    return list(session.scalars(select(Dataset).where(_seen(readable)).order_by(Dataset.name)))


def sheets(session: Session) -> dict[str, SampleSheet]:
    """Returns the sample sheets of built-in data sets, by the data set's name."""
    return {row.dataset: row for row in session.scalars(select(SampleSheet))}


def sheet(session: Session, name: str) -> SampleSheet | None:
    return session.get(SampleSheet, name)


def lacks_sheet(session: Session, name: str) -> bool:
    """Whether the next run on this data set should leave a sheet: a built-in one that nobody has shown yet."""
    return name in BUILT_IN and not BUILT_IN[name].is_bundled and sheet(session, name) is None


def keep_sheet(session: Session, name: str, classes: list[str], png: bytes) -> None:
    """Adds the sheet of a built-in data set, unless another run has left one already."""
    row = {"dataset": name, "classes": classes, "png": png, "sha256": hashlib.sha256(png).hexdigest()}
    session.execute(insert(SampleSheet).values(row).on_conflict_do_nothing())


def classes(session: Session, spec: Spec, readable: Readable = None) -> int:
    """Returns the number of classes. Raises Refused if there is no such data set for the task, or it has too few
    images."""
    if isinstance(spec, DetectionSpec):
        return _annotated(session, spec, readable)
    return _classified(session, spec, readable)


def _named(session: Session, name: str, readable: Readable) -> Dataset | None:
    return session.scalar(select(Dataset).where(Dataset.name == name, _seen(readable)))


def _seen(readable: Readable) -> ColumnElement[bool]:
    return true() if readable is None else readable


def _annotated(session: Session, spec: DetectionSpec, readable: Readable) -> int:
    if spec.dataset in LAB_DATA:
        return LAB_DATA[spec.dataset].classes
    dataset = _named(session, spec.dataset, readable)
    if dataset is None or dataset.annotation is None:
        names = ", ".join([*LAB_DATA, *(row.name for row in list_all(session, readable) if row.annotation is not None)])
        is_known = dataset is not None or spec.dataset in BUILT_IN
        problem = f"{spec.dataset} has no boxes" if is_known else f"There is no data set {spec.dataset}"
        raise Refused("dataset", f"{problem}. For detection, choose one of {names}.")
    return len(dataset.classes)


def _classified(session: Session, spec: RunSpec, readable: Readable) -> int:
    if spec.dataset in BUILT_IN:
        return BUILT_IN[spec.dataset].classes
    dataset = _named(session, spec.dataset, readable)
    if spec.dataset in LAB_DATA or (dataset is not None and dataset.annotation is not None):
        raise Refused("dataset", f"{spec.dataset} has boxes, not a class for each image. Use task detection.")
    if dataset is None:
        names = ", ".join([*BUILT_IN, *(row.name for row in list_all(session, readable) if row.annotation is None)])
        raise Refused("dataset", f"There is no data set {spec.dataset}. Choose one of {names}.")
    if spec.train_images is not None and spec.train_images > dataset.train_images:
        raise Refused(
            "train_images",
            f"train_images must be at most {dataset.train_images:,}:"
            f" {spec.dataset} has {dataset.train_images:,} training images.",
        )
    return len(dataset.classes)


def remove(session: Session, name: str) -> Dataset:
    """Deletes the row; the caller deletes its object. Raises NotFound, and Conflict if a run still needs it."""
    dataset = get(session, name)
    needed = select(Run.id).where(Run.dataset == name, Run.status.not_in(TERMINAL)).limit(1)
    if (run_id := session.scalar(needed)) is not None:
        raise Conflict(f"Run {run_id} still needs the data set {name}. Wait until the run has ended, or cancel it.")
    session.delete(dataset)
    notify(session, QUEUE_CHANGED)
    return dataset
