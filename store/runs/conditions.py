"""What a run trained on, and which others ask for the same: its trainers and its twins."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.models import Event, Run
from store.runs.states import EventKind, Status


def twins(session: Session, run: Run, limit: int = 20) -> list[Run]:
    """Runs from scratch that succeeded and ask for the same but for the seed, the newest first."""
    # As the index has it (ix_runs_seedless).
    same = Run.spec.op("-")("seed") == {field: value for field, value in run.spec.items() if field != "seed"}
    from_scratch = (Run.parent_iteration.is_(None), Run.examination.is_(None))
    ended = (Run.status == Status.succeeded, Run.id != run.id)
    found = select(Run).where(*ended, *from_scratch, same).order_by(Run.created_at.desc())
    return list(session.scalars(found.limit(limit)))


def trainers(session: Session, run_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The `started` events of each run whose iterations are part of its line, in order.

    An attempt that another one began anew, from a checkpoint before its own, left nothing behind.
    """
    said = select(Event).where(Event.run_id.in_(run_ids), Event.kind == EventKind.started).order_by(Event.seq.desc())
    found: dict[UUID, list[dict[str, Any]]] = {run_id: [] for run_id in run_ids}
    for event in session.scalars(said):
        later = found[event.run_id]
        if not later or event.body["resumed_from"] < later[0]["resumed_from"]:
            later.insert(0, event.body)
    return found
