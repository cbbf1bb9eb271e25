"""Events, appended under their run's row lock and read by cursor: the history and the live stream of every run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from store.db.database import RUN_CHANGED, notify
from store.db.models import Event, Run
from store.db.position import Position
from store.runs.states import EventKind

_APPEND: Final = insert(Event.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
_SNAPSHOT: Final = select(cast(func.pg_current_snapshot(), Text))
# The actor of events that no person caused.
SERVICE = "reslab"
# A reader whose position is this many transactions back has to reload.
_FARTHEST = 200_000


@dataclass(frozen=True)
class News:
    """The events committed up to `position`, each run's by seq; `events` is None if there are too many."""

    position: Position
    events: list[Event] | None


def record(session: Session, run: Run, kind: EventKind, actor: str = SERVICE, **body: Any) -> None:
    """Appends an event. The caller has locked the run's row, so seq is in commit order and has no gaps."""
    run.last_seq += 1
    session.flush()  # a new run's row comes before its first event
    append(session, run, kind, actor, **body)


def append(session: Session, run: Run, kind: EventKind, actor: str = SERVICE, **body: Any) -> None:
    """Appends an event that `run.last_seq` already counts, as in a claim, whose UPDATE counts it."""
    row = {"run_id": run.id, "seq": run.last_seq, "kind": kind, "attempt": run.fence or None, "actor": actor}
    session.connection().execute(_APPEND, row | {"body": body})  # the ORM takes as long again
    notify(session, RUN_CHANGED, str(run.id))


def page(session: Session, run_id: UUID, after: int = 0, limit: int = 500, kinds: Sequence[str] = ()) -> list[Event]:
    """Returns up to `limit` events with seq > after, oldest first; with `kinds`, only events of these kinds."""
    events = select(Event).where(Event.run_id == run_id, Event.seq > after)
    if kinds:
        events = events.where(Event.kind.in_(kinds))
    return list(session.scalars(events.order_by(Event.seq).limit(limit)))


def instant(session: Session) -> str:
    """Returns which transactions have committed: equal for two calls between which nothing was written."""
    return session.execute(_SNAPSHOT).scalar_one()


def since(
    session: Session,
    start: Position | None,
    runs: Collection[UUID],
    most: int,
    readable: ColumnElement[bool] | None = None,
) -> News:
    """Returns the events committed since `start`, of these runs, or of all without `runs`; none without `start`.

    `readable` is which runs the caller may see (`store.people.rights.readable`); None: all.

    No event is left out or returned twice, whatever commits at the same time. Must be called first in its transaction.
    """
    # Both statements see the same instant.
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    now = Position.parse(instant(session))
    if start is None:
        return News(now, [])
    # A position in the future comes from this database before it was restored from a backup.
    if start.next > now.next or now.next - start.least > _FARTHEST:
        return News(now, None)
    events = select(Event).where(Event.transaction >= start.least, Event.transaction < now.next)
    # The bounds above find the rows in the index; this condition is exact.
    events = events.where(
        text("NOT pg_visible_in_snapshot(events.transaction::text::xid8, CAST(:start AS pg_snapshot))")
    )
    if runs:
        events = events.where(Event.run_id.in_(runs))
    if readable is not None:
        events = events.where(Event.run_id.in_(select(Run.id).where(readable)))
    rows = list(session.scalars(events.order_by(Event.transaction).limit(most + 1), {"start": str(start)}))
    if len(rows) > most:
        return News(now, None)
    return News(now, sorted(rows, key=lambda event: event.seq))


def projects(session: Session, events: Collection[Event]) -> dict[UUID, str]:
    """Returns the project of each of these events' runs; a deleted run has none."""
    ids = {event.run_id for event in events}
    return dict(iter(session.execute(select(Run.id, Run.project).where(Run.id.in_(ids))))) if ids else {}


def started_runs(session: Session, runs: Sequence[Run]) -> set[UUID]:
    """Returns the ids of the runs whose current attempt has a `started` event."""
    if not runs:
        return set()
    current = [(run.id, run.fence) for run in runs]
    started = select(Event.run_id).where(
        tuple_(Event.run_id, Event.attempt).in_(current), Event.kind == EventKind.started
    )
    return set(session.scalars(started))
