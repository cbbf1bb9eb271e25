"""Workers as rows: one process, one device. A worker is alive while it was seen within one lease."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from store.database import QUEUE_CHANGED, notify
from store.models import Worker


def register(session: Session, worker: Worker) -> Worker:
    """Adds the row of a process that has just started."""
    session.add(worker)
    session.flush()
    notify(session, QUEUE_CHANGED)
    return worker


def beat(session: Session, worker_id: UUID, *, draining: bool = False) -> bool:
    """Says that the process lives. False where its row is gone: it was away too long, and must register anew."""
    seen = update(Worker).where(Worker.id == worker_id).values(seen_at=func.now(), draining=draining)
    return session.scalar(seen.returning(Worker.id)) is not None


def leave(session: Session, worker_id: UUID) -> None:
    session.execute(delete(Worker).where(Worker.id == worker_id))


def alive(session: Session, lease_s: float) -> list[Worker]:
    return list(session.scalars(select(Worker).where(_seen(lease_s)).order_by(Worker.name)))


def forget(session: Session, lease_s: float) -> None:
    """Deletes the rows of processes that are long gone."""
    session.execute(delete(Worker).where(Worker.seen_at < func.now() - timedelta(seconds=20 * lease_s)))


def _seen(lease_s: float) -> ColumnElement[bool]:
    return Worker.seen_at > func.now() - timedelta(seconds=lease_s)
