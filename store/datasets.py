"""The data sets that runs may name: the built-in ones, and your own by their manifest hash."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.database import QUEUE_CHANGED, notify
from store.db.errors import Conflict, NotFound, Refused
from store.db.models import Dataset, Run
from store.runs.states import TERMINAL
from trainer.catalog import BUILT_IN, RESERVED
from trainer.spec import RunSpec


def register(session: Session, dataset: Dataset) -> tuple[Dataset, bool]:
    """Adds your own data set, and says whether it is new: the same content under the same name is no error.

    Raises Conflict where the name stands for other content, Refused where it is a built-in one's.
    """
    if dataset.name in RESERVED:
        raise Refused("name", f"the name {dataset.name} belongs to a built-in data set")
    columns = {column.name for column in Dataset.__table__.columns} - {"created_at"}
    row = {name: getattr(dataset, name) for name in columns}
    added = session.scalar(insert(Dataset).values(row).on_conflict_do_nothing().returning(Dataset))
    if added is not None:
        return added, True
    known = get(session, dataset.name)
    if known.manifest_hash != dataset.manifest_hash:
        raise Conflict(
            f"the name {dataset.name} stands for another data set already (manifest {known.manifest_hash[:12]}…)"
        )
    return known, False


def get(session: Session, name: str) -> Dataset:
    """Your own data set of that name. Raises NotFound."""
    dataset = session.get(Dataset, name)
    if dataset is None:
        raise NotFound(f"there is no data set {name}")
    return dataset


def list_all(session: Session) -> list[Dataset]:
    """Your own data sets, by name."""
    return list(session.scalars(select(Dataset).order_by(Dataset.name)))


def classes(session: Session, spec: RunSpec) -> int:
    """How many classes the network must tell apart. Raises Refused where the data set is not known or too small."""
    if spec.dataset in BUILT_IN:
        return BUILT_IN[spec.dataset].classes
    dataset = session.get(Dataset, spec.dataset)
    if dataset is None:
        known = ", ".join([*BUILT_IN, *(row.name for row in list_all(session))])
        raise Refused("dataset", f"there is no data set {spec.dataset}; there are {known}")
    if spec.train_images is not None and spec.train_images > dataset.train_images:
        raise Refused(
            "train_images", f"train_images must be at most {dataset.train_images}: {spec.dataset} has no more"
        )
    return len(dataset.classes)


def remove(session: Session, name: str) -> Dataset:
    """Deletes the row; its object is the caller's to delete. Raises NotFound, Conflict where a run still needs it."""
    dataset = get(session, name)
    needed = select(Run.id).where(Run.dataset == name, Run.status.not_in(TERMINAL)).limit(1)
    if (run_id := session.scalar(needed)) is not None:
        raise Conflict(f"run {run_id} still needs the data set {name}")
    session.delete(dataset)
    notify(session, QUEUE_CHANGED)
    return dataset
