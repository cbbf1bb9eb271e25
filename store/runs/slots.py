"""Workers that share one device: each is a slot, and trains one run. Their runs fit into the device's memory together.

The first run of the queue is served first. If it needs more than the device has left, the device's free slots wait for
it and take no other run, until those that train there have ended; slots of other devices pass over it meanwhile.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from store.db.models import Run, Worker
from store.runs import queue
from store.runs.queue import Capacity
from store.runs.states import Status

# What a process takes of a GPU beside its plan: the driver's context, the libraries' workspaces, a data set in memory.
# The share of the rest that a plan can use: the allocator takes more than it gives. Both are estimates.
PROCESS_BYTES = 1 << 30
USABLE = 0.85
# Held while a slot compares what is left with what a run needs: two at the same time would both fit.
_LOCK = 0x510


def first(session: Session, worker: Worker, lease_s: float) -> UUID | None:
    """Returns the run that this worker should train now, locked; None if no run waits for it, or its device has to be
    emptied for one, which the worker then awaits.
    """
    capacity = Capacity.of(worker)
    if worker.shared_device is None:
        return queue.first(session, capacity, lease_s)
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(worker.shared_device))))
    neighbours = _neighbours(session, worker)
    passed: list[UUID] = []
    while (run_id := queue.first(session, capacity, lease_s, passed)) is not None:
        if not neighbours or fits(worker, session.get_one(Run, run_id), neighbours):
            return run_id
        if not _is_awaited_elsewhere(session, worker, run_id, lease_s):
            session.execute(update(Worker).where(Worker.id == worker.id).values(awaits=run_id))
            return None
        passed.append(run_id)
    return None


def fits(worker: Worker, run: Run, neighbours: Sequence[Run]) -> bool:
    """Whether the run may train beside the others. One whose last attempt has failed gets the device alone, until it
    has saved a checkpoint: it may have run out of memory because of others, or have taken them down with it.
    """
    runs = [run, *neighbours]
    if any(one.failures for one in runs):
        return False
    return worker.memory_bytes is None or sum(_needed_bytes(worker, one) for one in runs) <= worker.memory_bytes


def share(worker: Worker, run: Run) -> float:
    """Returns the part of the device that a run keeps from others, for which its owner pays: that of one slot, or that
    of its memory if it is larger.
    """
    if worker.shared_device is None:
        return 1
    memory = _needed_bytes(worker, run) / worker.memory_bytes if worker.memory_bytes else 0
    return min(1, max(1 / worker.slots, memory))


def _needed_bytes(worker: Worker, run: Run) -> float:
    """What nobody reckoned is taken for one slot's part."""
    if run.memory_bytes:
        return PROCESS_BYTES + run.memory_bytes / USABLE
    return (worker.memory_bytes or 0) / worker.slots


def _neighbours(session: Session, worker: Worker) -> Sequence[Run]:
    """The runs that train on the other slots, also of a silent worker: its trainer may still be there."""
    others = select(Run).join(Worker, Worker.run_id == Run.id)
    others = others.where(Worker.shared_device == worker.shared_device, Worker.id != worker.id)
    return session.scalars(others.where(Run.status == Status.running)).all()


def _is_awaited_elsewhere(session: Session, worker: Worker, run_id: UUID, lease_s: float) -> bool:
    """Whether another device is being emptied for the run."""
    awaiting = exists().where(
        Worker.awaits == run_id,
        Worker.shared_device != worker.shared_device,
        Worker.seen_at > func.now() - timedelta(seconds=lease_s),
        ~Worker.draining,
        Worker.trouble.is_(None),
    )
    return bool(session.scalar(select(awaiting)))
