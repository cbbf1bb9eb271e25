"""Which doorbells to ring: never more messages in flight than free workers, and each again after 5 s.

A busy worker needs none: it goes on from run to run until nothing waits. So a bell that is still due after 5 s was
lost, and messages do not pile up behind workers that are busy for days.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store import workers
from store.db.models import Run
from store.runs import queue
from store.runs.states import Status

RING_AGAIN_S = 5


class Ring(NamedTuple):
    run_id: UUID
    queue: str


def mark(session: Session, lease_s: float) -> list[Ring]:
    """Marks the runs to ring for and answers them; the message is published after the commit.

    A message lost on its way is rung again. Runs and workers wait for no particular message:
    whoever hears one claims whatever is first by then.
    """
    rings = []
    for kind, free in _free(session, lease_s).items():
        room = free - _in_flight(session, kind) if free else 0
        if room <= 0:
            continue
        chosen = queue.unrung(session, kind, room, RING_AGAIN_S)
        marked = update(Run).where(Run.id.in_(chosen)).values(rung_at=func.now())
        session.execute(marked.execution_options(synchronize_session=False))
        rings += [Ring(run_id, kind) for run_id in chosen]
    return rings


def _in_flight(session: Session, kind: str) -> int:
    recent = Run.rung_at > func.now() - timedelta(seconds=RING_AGAIN_S)
    fits = func.coalesce(Run.queue, kind) == kind
    return session.scalar(select(func.count()).where(Run.status == Status.queued, recent, fits)) or 0


def _free(session: Session, lease_s: float) -> dict[str, int]:
    free: dict[str, int] = {}
    for worker in workers.alive(session, lease_s):
        if not worker.draining:
            free[worker.queue] = free.get(worker.queue, 0) + (worker.run_id is None)
    return free
