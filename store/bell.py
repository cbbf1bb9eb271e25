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
from store.listing import claim_order
from store.models import Run
from store.states import Status

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
    for queue, free in _free(session, lease_s).items():
        fits = (Run.status == Status.queued, func.coalesce(Run.queue, queue) == queue)
        due = func.coalesce(Run.not_before, func.now()) <= func.now()
        recent = Run.rung_at > func.now() - timedelta(seconds=RING_AGAIN_S)
        in_flight = session.scalar(select(func.count()).select_from(Run).where(*fits, recent)) or 0
        room = free - in_flight
        if room <= 0:
            continue
        waiting = select(Run.id).where(*fits, due, func.coalesce(recent, False).is_(False)).order_by(*claim_order())
        for run_id in session.scalars(waiting.limit(room).with_for_update(of=Run, skip_locked=True)):
            session.execute(update(Run).where(Run.id == run_id).values(rung_at=func.now()))
            rings.append(Ring(run_id, queue))
    return rings


def _free(session: Session, lease_s: float) -> dict[str, int]:
    free: dict[str, int] = {}
    for worker in workers.alive(session, lease_s):
        if not worker.draining:
            free[worker.queue] = free.get(worker.queue, 0) + (worker.run_id is None)
    return free
