"""Which doorbells to ring: never more messages in flight than free workers + 2, and each again after 30 s."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store import workers
from store.database import QUEUE_CHANGED, notify
from store.listing import claim_order
from store.models import Run
from store.states import Status

RING_AGAIN_S = 30
SPARE = 2


class Ring(NamedTuple):
    run_id: UUID
    queue: str


def mark(session: Session, lease_s: float) -> list[Ring]:
    """Marks the runs to ring for and answers them; the message is published after the commit.

    A message lost on its way is rung again after 30 s. Runs and workers wait for no particular message:
    whoever hears one claims whatever is first by then.
    """
    rings = []
    for queue, free in _free(session, lease_s).items():
        fits = (Run.status == Status.queued, func.coalesce(Run.queue, queue) == queue)
        due = func.coalesce(Run.not_before, func.now()) <= func.now()
        recent = Run.rung_at > func.now() - timedelta(seconds=RING_AGAIN_S)
        in_flight = session.scalar(select(func.count()).select_from(Run).where(*fits, recent)) or 0
        room = free + SPARE - in_flight
        if room <= 0:
            continue
        waiting = select(Run.id).where(*fits, due, func.coalesce(recent, False).is_(False)).order_by(*claim_order())
        for run_id in session.scalars(waiting.limit(room).with_for_update(of=Run, skip_locked=True)):
            session.execute(update(Run).where(Run.id == run_id).values(rung_at=func.now()))
            rings.append(Ring(run_id, queue))
    return rings


def ring_again(session: Session, queue: str) -> None:
    """Forgets which bells of a queue were rung: its worker has just come to the broker and may have missed them."""
    rung = update(Run).where(Run.status == Status.queued, Run.rung_at.is_not(None))
    session.execute(rung.where(func.coalesce(Run.queue, queue) == queue).values(rung_at=None))
    notify(session, QUEUE_CHANGED)


def _free(session: Session, lease_s: float) -> dict[str, int]:
    free: dict[str, int] = {}
    for worker in workers.alive(session, lease_s):
        if not worker.draining:
            free[worker.queue] = free.get(worker.queue, 0) + (worker.run_id is None)
    return free
