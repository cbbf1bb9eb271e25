"""Doorbells: the messages that wake workers. There are never more in flight than free workers; each repeats after 5 s.

A busy worker needs no bell: it claims run after run until none waits. So a bell that is unanswered after 5 s was lost,
and messages don't pile up behind workers that are busy for days.
"""

from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Run
from store.runs import queue
from store.runs.queue import Capacity
from store.runs.states import Queue, Status

RING_AGAIN_S = 5


class Ring(NamedTuple):
    run_id: UUID
    queue: Queue


def is_idle(session: Session) -> bool:
    """Whether no run waits or trains: then there is nothing to do until QUEUE_CHANGED."""
    return not session.connection().execute(_HAS_OPEN).scalar_one()


_IS_ANY_QUEUED, _IS_ANY_RUNNING = (
    select(Run.id).where(Run.status == status).exists() for status in (Status.queued, Status.running)
)
_HAS_QUEUED: Final = select(_IS_ANY_QUEUED)
_HAS_OPEN: Final = select(or_(_IS_ANY_QUEUED, _IS_ANY_RUNNING))


def mark(session: Session, lease_s: float) -> list[Ring]:
    """Marks the runs to ring for and returns them; the caller publishes the messages after the commit.

    A lost message is sent again. No worker waits for a particular message: a worker that gets one claims the run that
    is first in the queue by then.
    """
    if not session.scalar(_HAS_QUEUED):
        return []
    rings = []
    for name, free in _free(session, lease_s).items():
        room = len(free) - _in_flight(session, name) if free else 0
        if room <= 0:
            continue
        chosen = queue.unrung(session, _largest(free), room, RING_AGAIN_S, lease_s)
        marked = update(Run).where(Run.id.in_(chosen)).values(rung_at=func.now()).returning(Run.id, Run.machines)
        for run_id, machines in session.execute(marked.execution_options(synchronize_session=False)):
            rings += [Ring(run_id, name)] * min(machines, room)
    return rings


def _in_flight(session: Session, name: Queue) -> int:
    recent = Run.rung_at > func.now() - timedelta(seconds=RING_AGAIN_S)
    fits = func.coalesce(Run.queue, name) == name
    return session.scalar(select(func.count()).where(Run.status == Status.queued, recent, fits)) or 0


def _free(session: Session, lease_s: float) -> dict[Queue, list[Capacity]]:
    """What each free worker has, by queue."""
    free: dict[Queue, list[Capacity]] = {}
    for worker in workers.fit(session, lease_s):
        if worker.run_id is None:
            free.setdefault(worker.queue, []).append(Capacity.of(worker))
    return free


def _largest(free: list[Capacity]) -> Capacity:
    """The most devices and the most memory, perhaps of two workers: a bell too many finds nothing to claim."""
    memories = [one.memory_bytes for one in free]
    known = [memory for memory in memories if memory is not None]
    most = max(known) if len(known) == len(memories) else None
    return Capacity(free[0].queue, max(one.devices for one in free), most, all(one.is_slot for one in free))
