"""How fast this service trains, as measured by its recent runs on the same kind of device."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.models import Attempt, Run, Worker
from store.runs.states import Queue
from trainer.tasks import Spec, task_of

RECENT = 20


@dataclass(frozen=True)
class Speed:
    """The images per second that a network should reach on a device, and how many runs the estimate is from."""

    images_per_s: float
    runs: int
    is_same_network: bool
    device: str


def expected(session: Session, spec: Spec, multiply_adds: int, queue: Queue | None) -> Speed | None:
    """Returns the median of recent runs: of the same network if there are any, otherwise scaled by multiply-adds.

    Only runs on the workers' own devices count: a GPU's speed says nothing about a CPU. Where the workers have several,
    it is the slowest. None if nothing was measured. The scaling is only an estimate: small networks use less of a GPU.
    """
    speeds = [_on(session, device, spec, multiply_adds) for device in _devices(session, queue)]
    return min((speed for speed in speeds if speed), key=lambda speed: speed.images_per_s, default=None)


def _devices(session: Session, queue: Queue | None) -> Sequence[str]:
    """The devices of the workers that take such a run; without workers, the device that was used last."""
    queues = list(Queue) if queue is None else [queue]
    present = session.scalars(select(Worker.device).where(Worker.queue.in_(queues)).distinct()).all()
    if present:
        return present
    used = select(Attempt.device).join(Run, Run.id == Attempt.run_id).where(Run.queue.in_(queues))
    return session.scalars(used.order_by(Attempt.started_at.desc()).limit(1)).all()


def _on(session: Session, device: str, spec: Spec, multiply_adds: int) -> Speed | None:
    task = task_of(spec.model_dump())
    measured = (
        select(Run.images_per_s, Run.multiply_adds, Run.depth, Run.shortcut)
        .join(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == Run.fence))
        .where(Run.images_per_s > 0, Run.examination.is_(None), Attempt.device == device, Run.task == task)
    )
    rows = session.execute(measured.order_by(Run.created_at.desc()).limit(RECENT)).all()
    # A detector's speed also depends on the images' side, which its multiply-adds tell.
    same = [
        row.images_per_s
        for row in rows
        if (row.depth, row.shortcut) == (spec.depth, spec.shortcut)
        and (task == "classification" or row.multiply_adds == multiply_adds)
    ]
    if same:
        return Speed(median(same), len(same), is_same_network=True, device=device)
    scaled = [row.images_per_s * row.multiply_adds / multiply_adds for row in rows]
    return Speed(median(scaled), len(scaled), is_same_network=False, device=device) if scaled else None
