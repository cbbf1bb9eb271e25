"""Samples: how fast a run trains and what its machine does, one a `steps` event, 32 to a row.

Their times are the database's, when the points were written: what tells at what time an iteration was done.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from store.models import Run, SampleChunk
from trainer.events import Steps

# A row of 32 stays below the 2 KiB above which Postgres moves values out of it, and grows in place.
FULL = 32


@dataclass(frozen=True)
class Machine:
    """What the supervisor reads of the trainer's processes and its device; None where there is no such thing."""

    cpu: float | None = None
    ram_bytes: float | None = None
    gpu: float | None = None
    gpu_memory_bytes: float | None = None
    gpu_power_w: float | None = None
    gpu_temperature_c: float | None = None


NOTHING = Machine()


def append(session: Session, run: Run, steps: Steps, machine: Machine = NOTHING) -> None:
    """Adds the sample of a held run's newest points, in the row that has room or a new one."""
    iteration = steps.first + (len(steps.loss) - 1) * steps.every
    values: dict[str, Any] = {
        "iteration": iteration,
        "at": func.date_part("epoch", func.now()),
        "images_per_s": steps.images_per_s,
        "waiting": steps.waiting,
        **asdict(machine),
    }
    newest = select(func.max(SampleChunk.first)).where(SampleChunk.run_id == run.id).scalar_subquery()
    grown = (
        update(SampleChunk)
        .where(SampleChunk.run_id == run.id, SampleChunk.first == newest, SampleChunk.attempt == run.fence)
        .where(func.cardinality(SampleChunk.iteration) < FULL)
        .values(
            {name: getattr(SampleChunk, name).concat(_array(name, value)) for name, value in values.items()}
            | {"last": iteration}
        )
        .execution_options(synchronize_session=False)
    )
    result = session.execute(grown)
    assert isinstance(result, CursorResult)  # noqa: S101 (what an UPDATE answers; the type does not say so)
    if not result.rowcount:
        alone = {name: _array(name, value) for name, value in values.items()}
        session.add(SampleChunk(run_id=run.id, first=iteration, last=iteration, attempt=run.fence, **alone))
        session.flush()


def truncate(session: Session, run_id: UUID, iteration: int) -> None:
    """Takes away every sample after `iteration`, also out of the middle of a row."""
    session.execute(delete(SampleChunk).where(SampleChunk.run_id == run_id, SampleChunk.first > iteration))
    cut = select(SampleChunk).where(SampleChunk.run_id == run_id, SampleChunk.last > iteration)
    for chunk in session.scalars(cut):
        kept = sum(at <= iteration for at in chunk.iteration)
        for name in ("iteration", "at", "images_per_s", "waiting", *asdict(NOTHING)):
            setattr(chunk, name, getattr(chunk, name)[:kept])
        chunk.last = chunk.iteration[-1]
    session.flush()


def _array(name: str, value: Any) -> Any:
    """An array of one, of the column's own type: a null alone has none."""
    kind = SampleChunk.__table__.c[name].type
    return cast(array([value]), kind)
