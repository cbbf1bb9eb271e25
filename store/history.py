"""Events: appended under their run's row lock, read by cursor. History and live are this one table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select, text, tuple_
from sqlalchemy.orm import Session

from store.db.database import RUN_CHANGED, notify
from store.db.models import Event, Run
from store.db.position import Position
from store.runs.states import EventKind

# The actor of what no person asked for.
SERVICE = "reslab"
# A position further back than this many transactions is not searched from.
_FARTHEST = 200_000


@dataclass(frozen=True)
class News:
    """What was committed between two positions, each run's by seq; `events` is None where it is too much to tell."""

    position: Position
    events: list[Event] | None


def record(session: Session, run: Run, kind: EventKind, actor: str = SERVICE, **body: Any) -> None:
    """Appends one event. The caller holds the run's row, so seq is in commit order and has no gaps."""
    run.last_seq += 1
    session.flush()  # a new run's row goes before its first event
    append(session, run, kind, actor, **body)


def append(session: Session, run: Run, kind: EventKind, actor: str = SERVICE, **body: Any) -> None:
    """The event that `run.last_seq` counts already: a verb that changes the row by a statement counts it there."""
    attempt = run.fence or None
    session.add(Event(run_id=run.id, seq=run.last_seq, kind=kind, attempt=attempt, actor=actor, body=body))
    notify(session, RUN_CHANGED, str(run.id))


def page(session: Session, run_id: UUID, after: int = 0, limit: int = 500, kinds: Sequence[str] = ()) -> list[Event]:
    """Up to `limit` events with seq > after, oldest first; only those of `kinds` where there are any."""
    events = select(Event).where(Event.run_id == run_id, Event.seq > after)
    if kinds:
        events = events.where(Event.kind.in_(kinds))
    return list(session.scalars(events.order_by(Event.seq).limit(limit)))


def since(session: Session, start: Position | None, runs: Collection[UUID], most: int) -> News:
    """What was committed since `start`, of these runs or of all where there are none; nothing where it is None.

    No event between two positions is left out and none comes twice, whatever commits meanwhile. To be called first in
    its transaction.
    """
    # Both statements see the same instant.
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    now = Position.parse(session.execute(select(cast(func.pg_current_snapshot(), Text))).scalar_one())
    if start is None:
        return News(now, [])
    # A position of the future is another database's, before it was put back from a copy.
    if start.next > now.next or now.next - start.least > _FARTHEST:
        return News(now, None)
    events = select(Event).where(Event.transaction >= start.least, Event.transaction < now.next)
    # The bounds find the rows in the index; this one then knows exactly.
    events = events.where(
        text("NOT pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:start AS pg_snapshot))")
    )
    if runs:
        events = events.where(Event.run_id.in_(runs))
    found = list(session.scalars(events.order_by(Event.transaction).limit(most + 1), {"start": str(start)}))
    if len(found) > most:
        return News(now, None)
    return News(now, sorted(found, key=lambda event: event.seq))


def started_runs(session: Session, runs: Sequence[Run]) -> set[UUID]:
    """Those of the runs whose attempt of now has a trainer that said `started`."""
    if not runs:
        return set()
    now = [(run.id, run.fence) for run in runs]
    started = select(Event.run_id).where(tuple_(Event.run_id, Event.attempt).in_(now), Event.kind == EventKind.started)
    return set(session.scalars(started))
