"""Workers as rows: one process, one device. A worker is alive if it sent a heartbeat within one lease.

Control has no row: the leading control process holds an advisory lock.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Double, bindparam, delete, func, literal, select, text, update
from sqlalchemy.orm import Session, undefer

from store.db.database import QUEUE_CHANGED, notify
from store.db.errors import NotFound
from store.db.models import Attempt, Run, Worker
from store.quotas import limits
from store.runs import attempts
from store.runs.states import Status

# Any number that fits an int4, the same for all control processes of a database.
LEADER_LOCK = 0x5E51AB


def register(session: Session, worker: Worker) -> Worker:
    """Adds the row of a worker that has just started, and deletes that of an earlier process which it replaces: one of
    its name, on this machine, that was killed. A run of that process waits for its lease."""
    for former in session.scalars(select(Worker).where(Worker.name == worker.name)):
        if is_gone(former):
            session.delete(former)
    session.add(worker)
    session.flush()
    notify(session, QUEUE_CHANGED)
    return worker


def beat(session: Session, worker_id: UUID, *, draining: bool = False, trouble: str | None = None) -> bool | None:
    """Records a heartbeat and returns whether the worker should drain. `trouble` is why its machine can't train.

    None if its row is gone: the worker was away for too long and must register again.
    """
    heartbeat = update(Worker).where(Worker.id == worker_id)
    heartbeat = heartbeat.values(
        seen_at=func.now(),
        draining=True if draining else Worker.draining,
        trouble=trouble,
        trouble_since=func.coalesce(Worker.trouble_since, func.now()) if trouble else None,
    )
    return session.scalar(heartbeat.returning(Worker.draining))


def keep_check(session: Session, worker_id: UUID, report: dict[str, Any]) -> None:
    """Keeps what `trainer check` said of the worker's machine: a Report of trainer/acceptance/report.py, as JSON."""
    session.execute(update(Worker).where(Worker.id == worker_id).values(machine_check=report))


def drain(session: Session, worker_id: UUID) -> Worker:
    """Asks a worker, at its next heartbeat, to return its run to the queue and leave. Raises NotFound."""
    request = update(Worker).where(Worker.id == worker_id).values(draining=True).returning(Worker)
    worker = session.scalar(request)
    if worker is None:
        raise NotFound(f"There is no worker {worker_id}.")
    return worker


def leave(session: Session, worker_id: UUID) -> None:
    session.execute(delete(Worker).where(Worker.id == worker_id))


def alive(session: Session, lease_s: float) -> list[Worker]:
    return list(session.scalars(_ALIVE, {"lease_s": lease_s}))


@dataclass(frozen=True)
class Fleet:
    """What decides whether a waiting run starts: the live workers, whether any quota keeps runs from starting, and the
    database's time."""

    alive: list[Worker]
    has_quotas: bool
    now: datetime


def fleet(session: Session, lease_s: float) -> Fleet:
    """Reads it in one statement, because each submission and each page of waiting runs needs it."""
    rows = [tuple[Any, ...](row) for row in session.execute(_FLEET, {"lease_s": lease_s})]
    return Fleet([row[0] for row in rows if row[0] is not None], rows[0][1], rows[0][2])


def fit(session: Session, lease_s: float) -> list[Worker]:
    """Returns the live workers that take runs: they don't drain, and nothing is wrong with their machines."""
    return [worker for worker in alive(session, lease_s) if not worker.draining and worker.trouble is None]


def list_all(session: Session, lease_s: float) -> list[tuple[Worker, bool]]:
    """Returns every worker that hasn't left, and whether it is alive."""
    listed = select(Worker, _is_alive(lease_s)).options(undefer(Worker.machine_check))
    rows = session.execute(listed.order_by(Worker.name, Worker.started_at))
    return [(worker, alive) for worker, alive in rows]


def forget(session: Session, lease_s: float) -> None:
    """Deletes the rows of workers that have been silent for a long time."""
    session.execute(delete(Worker).where(Worker.seen_at < func.now() - timedelta(seconds=20 * lease_s)))


def bury(session: Session, is_gone: Callable[[Worker], bool], message: str) -> list[UUID]:
    """Removes workers whose processes are gone and returns their runs to the queue, without waiting for the leases.

    Returns these runs. None is lost where `is_gone` errs: the worker's next write raises LeaseLost.
    """
    gone = [worker for worker in session.scalars(select(Worker)) if is_gone(worker)]
    abandoned = (
        select(Run.id, Run.fence)
        .join(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == Run.fence))
        .where(Run.status == Status.running, Attempt.worker_id.in_([worker.id for worker in gone]))
    )
    returned = [(run_id, fence) for run_id, fence in session.execute(abandoned)]
    for run_id, fence in returned:
        attempts.return_to_queue(session, run_id, fence, message)
    for worker in gone:
        session.delete(worker)
    return [run_id for run_id, _ in returned]


def is_gone(worker: Worker) -> bool:
    """Whether the worker ran on this machine, and its process has ended: its number may be another process's by now, or
    still its own if the process that should learn of its end never asks, as some containers' first process does not.
    """
    import psutil  # only where a worker or the local stack starts

    if worker.host != socket.gethostname():
        return False
    try:
        process = psutil.Process(worker.pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.create_time() > worker.started_at.timestamp()
    except psutil.NoSuchProcess:
        return True


def has_leader(session: Session) -> bool:
    """Returns whether any control process leads."""
    is_locked = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :lock"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(session.scalar(is_locked, {"lock": LEADER_LOCK}))


def _is_alive(lease_s: float | BindParameter[float]) -> ColumnElement[bool]:
    return Worker.seen_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, lease_s)


# Built once: they are executed again and again. The fleet has a row even without workers.
_IS_ALIVE: Final = _is_alive(bindparam("lease_s", type_=Double()))
_ALIVE: Final = select(Worker).where(_IS_ALIVE).order_by(Worker.name)
_FLEET: Final = (
    select(Worker, limits.LIMITING_STARTS.exists(), func.now())
    .select_from(select(literal(1)).subquery())
    .outerjoin(Worker, _IS_ALIVE)
    .order_by(Worker.name)
)
