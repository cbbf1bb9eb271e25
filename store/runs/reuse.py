"""Runs that need not be trained again: the same specification, data and code have already given their result."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.db.models import Dataset, Event, Run
from store.runs.states import EventKind, Status


@dataclass(frozen=True)
class TrainerCode:
    """What decides a run's numbers besides its spec and data: the trainer's source, and the libraries' versions."""

    source: str
    versions: Mapping[str, str] = field(default_factory=dict)


def find(
    session: Session, spec_hashes: Collection[str], code: TrainerCode, project: str = "default"
) -> dict[str, UUID]:
    """Returns runs of the project that succeeded from scratch with these specs, in every attempt with this code, by
    spec hash.

    A run without the digest of its trainer's source is not among them: nothing says which code trained it.
    A user's data set counts as the same if its name was registered before the run and hasn't changed since.
    """
    started = select(Event.run_id).where(Event.run_id == Run.id, Event.kind == EventKind.started)
    values = [(Event.body["source"].astext, code.source)]
    values += [(Event.body["versions"][name].astext, version) for name, version in code.versions.items()]
    differs = or_(*(column.is_distinct_from(value) for column, value in values))
    changed = select(Dataset.name).where(Dataset.name == Run.dataset, Dataset.created_at > Run.created_at)
    runs = (
        select(Run.spec_hash, Run.id)
        .where(Run.spec_hash.in_(spec_hashes), Run.status == Status.succeeded, Run.project == project)
        .where(Run.parent_iteration.is_(None), Run.examination.is_(None), Run.origin.is_(None))
        .where(started.exists(), ~started.where(differs).exists(), ~changed.exists())
        .order_by(Run.created_at)
    )
    return dict(iter(session.execute(runs)))
