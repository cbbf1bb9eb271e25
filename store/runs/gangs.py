"""A run on several machines: as many free workers as it has machines claim it together, or none of them does.

A worker that finds such a run first in the queue while too few are free offers itself, and goes on looking. The last
one claims the run and enlists the others: it supervises the run's first machine and holds the only lease; they train
the other machines, and report to nobody. Losing any of them returns the run to the queue.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from store.db.errors import LeaseLost
from store.db.models import Attempt, Run, Worker
from store.runs.states import Status


@dataclass(frozen=True)
class Place:
    """The machine of a run, from 1 on, for which a worker was enlisted."""

    run: Run
    machine: int


@dataclass(frozen=True)
class Loss:
    """Why a run's machines can't go on together. A machine that shuts down doesn't count as a failure of the run."""

    message: str
    is_failure: bool = True


def enlist(session: Session, worker: Worker, run_id: UUID, lease_s: float) -> bool:
    """Whether `worker` can claim the run, which is locked: alone, or with the workers that are enlisted here.

    If too few are free, `worker` is offered instead.
    """
    machines, devices = session.execute(select(Run.machines, Run.devices).where(Run.id == run_id)).one()
    if machines == 1:
        return True
    offered = (
        select(Worker.id)
        .where(Worker.awaits == run_id, Worker.run_id.is_(None), Worker.id != worker.id, Worker.devices >= devices)
        .where(Worker.slots == 1, Worker.queue == worker.queue)  # a run without a queue trains on one kind of device
        .where(Worker.seen_at > func.now() - timedelta(seconds=lease_s), ~Worker.draining, Worker.trouble.is_(None))
        .order_by(Worker.id)
        .limit(machines - 1)
        .with_for_update(skip_locked=True)
    )
    mates = list(session.scalars(offered))
    if len(mates) < machines - 1:
        session.execute(update(Worker).where(Worker.id == worker.id).values(awaits=run_id))
        return False
    session.execute(update(Worker).where(Worker.id.in_(mates)).values(run_id=run_id, awaits=None))
    return True


def place(session: Session, worker_id: UUID) -> Place | None:
    """What the worker was enlisted for since it looked last. Otherwise its offer ends: it is about to look again."""
    own = session.scalar(select(Worker).where(Worker.id == worker_id).with_for_update())
    if own is None:
        return None
    own.awaits = None
    run = session.get(Run, own.run_id) if own.run_id else None
    if run is None or run.status != Status.running:
        return None
    leader = select(Attempt.worker_id).where(Attempt.run_id == run.id, Attempt.number == run.fence)
    mates = select(Worker.id).where(Worker.run_id == run.id, Worker.id.not_in(leader)).order_by(Worker.id)
    ids = list(session.scalars(mates))
    return Place(run, 1 + ids.index(worker_id)) if worker_id in ids else None


def is_offered(session: Session, worker_id: UUID) -> bool:
    """Whether the worker waits for others."""
    return session.scalar(select(Worker.awaits).where(Worker.id == worker_id)) is not None


def announce(session: Session, run_id: UUID, attempt: int, address: str) -> None:
    """Tells the other machines where the processes of the run meet: HOST:PORT."""
    session.execute(_attempt(run_id, attempt).values(meeting=address))


def meeting(session: Session, run_id: UUID, attempt: int, worker_id: UUID) -> str | None:
    """Where the processes of the run meet; None before that is known.

    Raises LeaseLost if the attempt has ended, or this worker is no longer one of its machines.
    """
    is_current = (Run.id == run_id) & (Run.fence == attempt) & (Run.status == Status.running)
    is_ours = (Worker.id == worker_id) & (Worker.run_id == run_id)
    own = (
        select(Attempt)
        .join(Run, is_current)
        .join(Worker, is_ours)
        .where(Attempt.run_id == run_id, Attempt.number == attempt)
    )
    if (row := session.scalar(own)) is None:
        raise LeaseLost(f"attempt {attempt} of run {run_id} has ended, or goes on without this machine")
    return row.meeting


def give_up(session: Session, run_id: UUID, attempt: int, worker_id: UUID, message: str) -> None:
    """Leaves the run, and tells why the worker that holds the lease must return it."""
    session.execute(_attempt(run_id, attempt).where(Attempt.broken.is_(None)).values(broken=message))
    session.execute(update(Worker).where(Worker.id == worker_id, Worker.run_id == run_id).values(run_id=None))


def loss(session: Session, run: Run, lease_s: float) -> Loss | None:
    """Whether all machines of a running run are still there; otherwise what became of one."""
    broken = session.scalar(select(Attempt.broken).where(Attempt.run_id == run.id, Attempt.number == run.fence))
    if broken is not None:
        return Loss(broken)
    members = list(session.scalars(select(Worker).where(Worker.run_id == run.id)))
    leaving = [worker.name for worker in members if worker.draining]
    if leaving:
        return Loss(f"{leaving[0]} is shutting down", is_failure=False)
    is_silent = Worker.seen_at <= func.now() - timedelta(seconds=lease_s)
    silent = session.scalars(select(Worker.name).where(Worker.run_id == run.id, is_silent)).first()
    if silent is not None:
        return Loss(f"{silent} has sent no heartbeat for one lease")
    return Loss("a machine of the run is gone") if len(members) < run.machines else None


def _attempt(run_id: UUID, attempt: int) -> Update:
    return update(Attempt).where(Attempt.run_id == run_id, Attempt.number == attempt)
