"""Compares the object store with the rows: deletes objects that no row names, and reports missing objects."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store import artifacts, history
from store.datasets import SHEET
from store.db.database import Database
from store.db.errors import NotFound, StoreError
from store.db.models import Artifact, Dataset, Run, StartWeights
from store.db.objects import Objects
from store.runs import verbs
from store.runs.states import EventKind, Status

# Younger objects may be uploads whose row is about to be committed.
DAY = timedelta(days=1)
# The prefixes of all our objects.
PREFIXES = ("runs/", "datasets/", "starts/")


@dataclass
class CollectionReport:
    """The keys of the deleted objects, and of the objects that rows name but that are missing."""

    removed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def collect(database: Database, objects: Objects, older_than: timedelta = DAY) -> CollectionReport:
    """Deletes and reports once. Safe while workers run, and while another collection runs.

    Raises obstore's errors if the store can't be reached, and StoreError if it has none of the objects that rows name:
    it is then the wrong store or an empty mount, and everything would be reported.
    """
    objects.sweep(older_than)
    # The rows are read after the list, so that they name every object that was uploaded before it.
    modified = {key: age for prefix in PREFIXES for key, age in objects.list_keys(prefix)}
    with database.transaction() as session:
        named, in_use = _named(session), _prefixes_in_use(session)
        now = session.scalar(select(func.now()))
        assert now is not None  # noqa: S101 (Postgres knows the time)
    if named and not named & modified.keys():
        raise StoreError(
            f"The object store has none of the {len(named):,} objects that rows name. Check RESLAB_STORAGE_URL."
        )
    collected = CollectionReport(missing=_missing(objects, named - modified.keys()))
    for key, modified_at in modified.items():
        if key.removesuffix(SHEET) not in named and modified_at < now - older_than and not key.startswith(in_use):
            objects.delete([key])
            collected.removed.append(key)
    _report(database, collected.missing)
    return collected


def _named(session: Session) -> set[str]:
    keys = [key for table in (Artifact, Dataset, StartWeights) for key in session.scalars(select(table.key))]
    return {key for key in keys if key is not None}


def _prefixes_in_use(session: Session) -> tuple[str, ...]:
    """The prefixes of running runs: their attempts may have uploaded files whose rows aren't committed yet."""
    running = session.scalars(select(Run.id).where(Run.status == Status.running))
    return tuple(artifacts.prefix(run_id) for run_id in running)


def _missing(objects: Objects, unlisted: Iterable[str]) -> list[str]:
    """Returns the keys that are really missing: an object may be younger than the list."""
    missing = []
    for key in sorted(unlisted):
        try:
            objects.size(key)
        except NotFound:
            missing.append(key)
    return missing


def _report(database: Database, missing: list[str]) -> None:
    """Marks each missing object once and records an event; unmarks objects that are back."""
    with database.transaction() as session:
        back = update(Artifact).where(Artifact.missing_at.is_not(None), Artifact.key.not_in(missing))
        session.execute(back.values(missing_at=None))
        lost = select(Artifact).where(Artifact.key.in_(missing), Artifact.missing_at.is_(None))
        lost_ids = [(row.run_id, row.id) for row in session.scalars(lost)]
    for run_id, artifact_id in lost_ids:
        with suppress(NotFound), database.transaction() as session:  # the run was just deleted
            run = verbs.lock(session, run_id)
            marked = (
                update(Artifact).where(Artifact.id == artifact_id).values(missing_at=func.now()).returning(Artifact)
            )
            if artifact := session.scalar(marked):
                file = f"{artifact.role} ({artifact.format}) of iteration {artifact.iteration:,}"
                history.record(session, run, EventKind.warned, message=f"missing from the object store: {file}")
