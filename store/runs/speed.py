"""How fast this service trains, as measured by its recent runs."""

from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.models import Run
from store.runs.states import Queue
from trainer.spec import RunSpec

RECENT = 20


@dataclass(frozen=True)
class Speed:
    """The images per second that a network should reach, and how many runs the estimate is from."""

    images_per_s: float
    runs: int
    is_same_network: bool


def expected(session: Session, spec: RunSpec, multiply_adds: int, queue: Queue | None) -> Speed | None:
    """Returns the median of recent runs: of the same network if there are any, otherwise scaled by multiply-adds.

    None if nothing was measured. The scaling is only an estimate: small networks use less of a GPU.
    """
    measured = select(Run.images_per_s, Run.multiply_adds, Run.depth, Run.shortcut).where(
        Run.images_per_s > 0, Run.examination.is_(None)
    )
    if queue is not None:
        measured = measured.where(Run.queue == queue)
    rows = session.execute(measured.order_by(Run.created_at.desc()).limit(RECENT)).all()
    same = [row.images_per_s for row in rows if (row.depth, row.shortcut) == (spec.depth, spec.shortcut)]
    if same:
        return Speed(median(same), len(same), is_same_network=True)
    scaled = [row.images_per_s * row.multiply_adds / multiply_adds for row in rows]
    return Speed(median(scaled), len(scaled), is_same_network=False) if scaled else None
