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
    """The images per second that a network should reach on a device or a slot; the median of `runs` runs."""

    images_per_s: float
    runs: int
    is_same_network: bool
    device: str


def expected(session: Session, spec: Spec, multiply_adds: int, queue: Queue | None) -> Speed | None:
    """Returns the median of recent runs: of the same network if there are any, otherwise scaled by multiply-adds.

    Only runs on the workers' own devices count: a GPU's speed says nothing about a CPU, nor about a slot of that GPU,
    where others train at the same time. Where the workers have several, it is the slowest. None if nothing was
    measured. The scaling is only an estimate: small networks use less of a GPU.
    """
    speeds = [_on(session, place, spec, multiply_adds) for place in _places(session, queue)]
    return min((speed for speed in speeds if speed), key=lambda speed: speed.images_per_s, default=None)


@dataclass(frozen=True)
class _Place:
    """A kind of device, and how many workers share it."""

    device: str
    slots: int

    def __str__(self) -> str:
        return self.device if self.slots == 1 else f"{self.device}, shared by {self.slots} runs"


def _places(session: Session, queue: Queue | None) -> Sequence[_Place]:
    """Where the workers that take such a run train; without workers, where the last run trained."""
    queues = list(Queue) if queue is None else [queue]
    present = session.execute(select(Worker.device, Worker.slots).where(Worker.queue.in_(queues)).distinct()).all()
    if present:
        return [_Place(*row) for row in present]
    used = select(Attempt.device, Attempt.slots).join(Run, Run.id == Attempt.run_id).where(Run.queue.in_(queues))
    return [_Place(*row) for row in session.execute(used.order_by(Attempt.started_at.desc()).limit(1))]


def _on(session: Session, place: _Place, spec: Spec, multiply_adds: int) -> Speed | None:
    task = task_of(spec.model_dump())
    measured = (
        select(Run.images_per_s, Run.multiply_adds, Run.depth, Run.shortcut)
        .join(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == Run.fence))
        .where(Run.images_per_s > 0, Run.examination.is_(None), Run.task == task)
        .where(Attempt.device == place.device, Attempt.slots == place.slots)
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
        return Speed(median(same), len(same), is_same_network=True, device=str(place))
    scaled = [row.images_per_s * row.multiply_adds / multiply_adds for row in rows]
    return Speed(median(scaled), len(scaled), is_same_network=False, device=str(place)) if scaled else None
