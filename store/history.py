"""A run's events: appended under the run's row lock, read by cursor. History and live are this one table."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from store.database import RUN_CHANGED, notify
from store.models import Event, Run

# The actor of what no person asked for.
SERVICE = "reslab"


def record(session: Session, run: Run, kind: str, actor: str = SERVICE, **body: Any) -> None:
    """Appends one event. The caller holds the run's row, so seq is in commit order and has no gaps."""
    run.last_seq += 1
    attempt = run.fence or None
    session.add(Event(run_id=run.id, seq=run.last_seq, kind=kind, attempt=attempt, actor=actor, body=body))
    # Many calls in one transaction are one notification: Postgres folds equal payloads.
    notify(session, RUN_CHANGED, str(run.id))


def page(session: Session, run_id: UUID, after: int = 0, limit: int = 500, kinds: Sequence[str] = ()) -> list[Event]:
    """Up to `limit` events with seq > after, oldest first; only those of `kinds` where there are any."""
    events = select(Event).where(Event.run_id == run_id, Event.seq > after)
    if kinds:
        events = events.where(Event.kind.in_(kinds))
    return list(session.scalars(events.order_by(Event.seq).limit(limit)))


def begun(session: Session, runs: Sequence[Run]) -> set[UUID]:
    """Those of the runs whose attempt of now has a trainer that said `started`."""
    if not runs:
        return set()
    now = [(run.id, run.fence) for run in runs]
    started = select(Event.run_id).where(tuple_(Event.run_id, Event.attempt).in_(now), Event.kind == "started")
    return set(session.scalars(started))
