"""A run's trainers (the versions and devices it trained on), and its twins: the same spec with other seeds."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.models import Event, Run
from store.runs.states import EventKind, Status


def twins(session: Session, run: Run, limit: int = 20) -> list[Run]:
    """Returns the project's runs from scratch that succeeded and have the same spec except for the seed, the newest
    first.

    For an import, these are imports of which the same fields are known; for a run of this service, its own runs.
    """
    # Written as in the index ix_runs_seedless.
    same = Run.spec.op("-")("seed") == {field: value for field, value in run.spec.items() if field != "seed"}
    from_scratch = (Run.parent_iteration.is_(None), Run.examination.is_(None))
    ended = (Run.status == Status.succeeded, Run.id != run.id, Run.project == run.project)
    alike = Run.origin.is_(None) if run.origin is None else Run.origin["unknown"] == run.origin["unknown"]
    newest = select(Run).where(*ended, *from_scratch, same, alike).order_by(Run.created_at.desc())
    return list(session.scalars(newest.limit(limit)))


def trainers(session: Session, run_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Returns each run's `started` events, in order, of the attempts that contributed to the run's weights.

    An attempt contributed nothing if a later one started from its checkpoint or an earlier one.
    """
    started = select(Event).where(Event.run_id.in_(run_ids), Event.kind == EventKind.started).order_by(Event.seq.desc())
    bodies: dict[UUID, list[dict[str, Any]]] = {run_id: [] for run_id in run_ids}
    for event in session.scalars(started):
        later = bodies[event.run_id]
        if not later or event.body["resumed_from"] < later[0]["resumed_from"]:
            later.insert(0, event.body)
    return bodies
