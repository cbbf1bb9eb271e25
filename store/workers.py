"""Workers as rows: one process, one device. A worker is alive while it was seen within one lease.

Control has no row: the one that leads holds an advisory lock.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session

from store.db.database import QUEUE_CHANGED, notify
from store.db.errors import NotFound
from store.db.models import Worker

# Any number that fits an int4, the same for every control of a database.
LEADER_LOCK = 0x5E51AB


def register(session: Session, worker: Worker) -> Worker:
    """Adds the row of a process that has just started."""
    session.add(worker)
    session.flush()
    notify(session, QUEUE_CHANGED)
    return worker


def beat(session: Session, worker_id: UUID, *, draining: bool = False) -> bool | None:
    """Says that the process lives, and answers whether it is to drain.

    None where its row is gone: it was away too long, and must register anew.
    """
    seen = update(Worker).where(Worker.id == worker_id)
    seen = seen.values(seen_at=func.now(), draining=True if draining else Worker.draining)
    return session.scalar(seen.returning(Worker.draining))


def drain(session: Session, worker_id: UUID) -> Worker:
    """Asks a worker to give its run back and leave; it hears of it with its next heartbeat. Raises NotFound."""
    asked = update(Worker).where(Worker.id == worker_id).values(draining=True).returning(Worker)
    worker = session.scalar(asked)
    if worker is None:
        raise NotFound(f"there is no worker {worker_id}")
    return worker


def leave(session: Session, worker_id: UUID) -> None:
    session.execute(delete(Worker).where(Worker.id == worker_id))


def alive(session: Session, lease_s: float) -> list[Worker]:
    return list(session.scalars(select(Worker).where(_seen(lease_s)).order_by(Worker.name)))


def list_all(session: Session, lease_s: float) -> list[tuple[Worker, bool]]:
    """Every worker that has not left in order, and whether it is alive."""
    rows = session.execute(select(Worker, _seen(lease_s)).order_by(Worker.name, Worker.started_at))
    return [(worker, alive) for worker, alive in rows]


def forget(session: Session, lease_s: float) -> None:
    """Deletes the rows of processes that are long gone."""
    session.execute(delete(Worker).where(Worker.seen_at < func.now() - timedelta(seconds=20 * lease_s)))


def has_leader(session: Session) -> bool:
    """Whether a control leads; which one is nobody's business."""
    held = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :lock"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(session.scalar(held, {"lock": LEADER_LOCK}))


def _seen(lease_s: float) -> ColumnElement[bool]:
    return Worker.seen_at > func.now() - timedelta(seconds=lease_s)
