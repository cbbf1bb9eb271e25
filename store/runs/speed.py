"""How fast this service trains: multiply-adds per second, as its recent runs measured them."""

from dataclasses import dataclass
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.db.models import Run
from trainer.spec import RunSpec

RECENT = 20


@dataclass(frozen=True)
class Speed:
    """Images per second that a network should reach, and how many measured runs say so."""

    images_per_s: float
    runs: int
    is_same_network: bool


def expected(session: Session, spec: RunSpec, multiply_adds: int, queue: str | None) -> Speed | None:
    """The median of recent runs: of the same network where there are any, else scaled by multiply-adds.

    None where nothing was measured. The scaling is an estimate: small networks keep a GPU less busy.
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
