"""Samples of a run's speed and its machine: one per `steps` event, 32 to a row.

A sample's time is the database's time at which the points were written. It tells when an iteration was done.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, text
from sqlalchemy.orm import Session

from store.db.models import Run, SampleChunk
from trainer.events import Points

# A row of 32 stays below the 2 KiB above which Postgres moves values out of it, and grows in place.
FULL = 32


@dataclass(frozen=True)
class Machine:
    """What the supervisor measures of the trainer's processes and device; None for what the machine doesn't have."""

    cpu: float | None = None
    ram_bytes: float | None = None
    gpu: float | None = None
    gpu_memory_bytes: float | None = None
    gpu_power_w: float | None = None
    gpu_temperature_c: float | None = None


NOTHING = Machine()


_READ = ("images_per_s", "waiting", *asdict(NOTHING))
# Written as text, once: SQLAlchemy takes longer to assemble a dozen arrays than Postgres to append to them.
_GROWN = text(
    "UPDATE sample_chunks SET last = :iteration,"  # noqa: S608 (names of our own columns)
    " iteration = array_append(iteration, CAST(:iteration AS integer)),"
    " at = array_append(at, date_part('epoch', now())), "
    + ", ".join(f"{name} = array_append({name}, CAST(:{name} AS real))" for name in _READ)
    + " WHERE run_id = :run AND attempt = :attempt AND cardinality(iteration) < :full"
    " AND first = (SELECT max(first) FROM sample_chunks WHERE run_id = :run)"
)
_ALONE = text(
    f"INSERT INTO sample_chunks (run_id, first, last, attempt, iteration, at, {', '.join(_READ)})"  # noqa: S608 (the same)
    " VALUES (:run, :iteration, :iteration, :attempt, ARRAY[CAST(:iteration AS integer)],"
    f" ARRAY[date_part('epoch', now())], {', '.join(f'ARRAY[CAST(:{name} AS real)]' for name in _READ)})"
)


def append(session: Session, run: Run, steps: Points, machine: Machine = NOTHING) -> None:
    """Adds the sample of a locked run's newest points, to the row that has room or to a new one."""
    sample = {
        "run": run.id,
        "attempt": run.fence,
        "full": FULL,
        "iteration": steps.first + (len(steps.loss) - 1) * steps.every,
        "images_per_s": steps.images_per_s,
        "waiting": steps.waiting,
        **asdict(machine),
    }
    grown = session.execute(_GROWN, sample)
    assert isinstance(grown, CursorResult)  # noqa: S101 (an UPDATE returns it; the type doesn't say so)
    if not grown.rowcount:
        session.execute(_ALONE, sample)


def truncate(session: Session, run_id: UUID, iteration: int) -> None:
    """Deletes every sample after `iteration`, even from the middle of a row."""
    session.execute(delete(SampleChunk).where(SampleChunk.run_id == run_id, SampleChunk.first > iteration))
    cut = select(SampleChunk).where(SampleChunk.run_id == run_id, SampleChunk.last > iteration)
    for chunk in session.scalars(cut):
        remaining = sum(at <= iteration for at in chunk.iteration)
        chunk.iteration, chunk.at = chunk.iteration[:remaining], chunk.at[:remaining]
        chunk.images_per_s, chunk.waiting = chunk.images_per_s[:remaining], chunk.waiting[:remaining]
        chunk.cpu, chunk.ram_bytes = chunk.cpu[:remaining], chunk.ram_bytes[:remaining]
        chunk.gpu, chunk.gpu_memory_bytes = chunk.gpu[:remaining], chunk.gpu_memory_bytes[:remaining]
        chunk.gpu_power_w, chunk.gpu_temperature_c = chunk.gpu_power_w[:remaining], chunk.gpu_temperature_c[:remaining]
        chunk.last = chunk.iteration[-1]
    session.flush()
