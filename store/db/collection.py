"""The object store compared with the rows: what no row names is removed after a day, what is gone is reported."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store import artifacts, history
from store.db.database import Database
from store.db.errors import NotFound, StoreError
from store.db.models import Artifact, Dataset, Run
from store.db.objects import Objects
from store.runs import verbs
from store.runs.states import EventKind, Status

# Younger objects may be uploads whose row is about to be committed.
DAY = timedelta(days=1)
# Where everything of ours lies.
PREFIXES = ("runs/", "datasets/")


@dataclass
class CollectionReport:
    """The keys that were removed, and those that rows name in vain."""

    removed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def collect(database: Database, objects: Objects, older_than: timedelta = DAY) -> CollectionReport:
    """Removes and reports once; harmless beside workers, and beside itself.

    Raises obstore's errors where the store is away, and StoreError where it holds nothing that the rows name: then it
    is another one, or an empty mount, and everything would be reported.
    """
    # The rows are read after the list: whatever was uploaded before it and committed since is named by then.
    listed = {key: age for prefix in PREFIXES for key, age in objects.list_keys(prefix)}
    with database.transaction() as session:
        named, in_use = _named(session), _prefixes_in_use(session)
        now = session.scalar(select(func.now()))
        assert now is not None  # noqa: S101 (Postgres knows the time)
    if named and not named & listed.keys():
        raise StoreError(f"none of {len(named)} objects that rows name is in the store: it is not the one they are in")
    collected = CollectionReport(missing=_missing(objects, named - listed.keys()))
    for key, modified_at in listed.items():
        if key not in named and modified_at < now - older_than and not key.startswith(in_use):
            objects.delete([key])
            collected.removed.append(key)
    _report(database, collected.missing)
    return collected


def _named(session: Session) -> set[str]:
    keys = [*session.scalars(select(Artifact.key)), *session.scalars(select(Dataset.key))]
    return {key for key in keys if key is not None}


def _prefixes_in_use(session: Session) -> tuple[str, ...]:
    """An attempt may wait for the database with a file that it has uploaded, for as long as it takes."""
    running = session.scalars(select(Run.id).where(Run.status == Status.running))
    return tuple(artifacts.prefix(run_id) for run_id in running)


def _missing(objects: Objects, unlisted: Iterable[str]) -> list[str]:
    """Those that are really gone: an object may be younger than the list."""
    gone = []
    for key in sorted(unlisted):
        try:
            objects.size(key)
        except NotFound:
            gone.append(key)
    return gone


def _report(database: Database, missing: list[str]) -> None:
    """Each row once, with an event; a row whose object is back is good again."""
    with database.transaction() as session:
        back = update(Artifact).where(Artifact.missing_at.is_not(None), Artifact.key.not_in(missing))
        session.execute(back.values(missing_at=None))
        lost = select(Artifact).where(Artifact.key.in_(missing), Artifact.missing_at.is_(None))
        found = [(row.run_id, row.id) for row in session.scalars(lost)]
    for run_id, artifact_id in found:
        with suppress(NotFound), database.transaction() as session:  # deleted meanwhile
            run = verbs.lock(session, run_id)
            known = update(Artifact).where(Artifact.id == artifact_id).values(missing_at=func.now()).returning(Artifact)
            if artifact := session.scalar(known):
                what = f"{artifact.role} ({artifact.format}) of iteration {artifact.iteration}"
                history.record(session, run, EventKind.warned, message=f"gone from the object store: {what}")
