"""Writing curves: per-iteration values as float32 columns in chunks, never a row a point.

Small chunks arrive about once a second; those of a cell of 1,024 points become one when the cell is
full. Reading is in `buckets`.
"""

import struct
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from store import history
from store.models import Run, StepChunk
from trainer.events import Steps

CELL = 1024
# train_error of a run is the mean over this many mini-batches: one alone jumps by several points.
RECENT = 20


def append(session: Session, run: Run, steps: Steps) -> None:
    """Adds the next iterations of a held run, cut at the borders of cells."""
    first, every, count = steps.first, steps.every, len(steps.loss)
    columns = (steps.loss, steps.error, steps.lr)
    index = (first - 1) // every  # of the first point in the run
    start = 0
    while start < count:
        end = start + CELL - (index + start) % CELL
        _add_chunk(session, run, first + start * every, every, [column[start:end] for column in columns])
        if end <= count:
            _merge_cell(session, run.id, first + (end - 1) * every, every)
        start = end
    run.iteration = max(run.iteration, first + (count - 1) * every)
    run.images_per_s = steps.images_per_s
    run.train_error = last_train_error(session, run.id)
    loss, error, lr = (column[-1] for column in columns)
    history.record(
        session,
        run,
        "steps",
        first=first,
        every=every,
        count=count,
        images_per_s=steps.images_per_s,
        loss=loss,
        error=error,
        lr=lr,
    )


def truncate(session: Session, run_id: UUID, iteration: int) -> None:
    """Takes away every point after `iteration`, also out of the middle of a chunk."""
    session.execute(delete(StepChunk).where(StepChunk.run_id == run_id, StepChunk.first > iteration))
    kept = (iteration - StepChunk.first) // StepChunk.every + 1
    columns = {name: func.substring(getattr(StepChunk, name), 1, 4 * kept) for name in ("loss", "error", "lr")}
    session.execute(
        update(StepChunk)
        .where(StepChunk.run_id == run_id, StepChunk.count > kept)
        .values(count=kept, **columns)
        .execution_options(synchronize_session=False)
    )


def compact(session: Session, run: Run) -> None:
    """Makes one chunk of the small ones of a cell that will never be full; every value stays."""
    last = session.execute(
        select(StepChunk.first, StepChunk.every).where(StepChunk.run_id == run.id).order_by(StepChunk.first.desc())
    ).first()
    if last:
        index = (last.first - 1) // last.every
        _merge_cell(session, run.id, (index - index % CELL + CELL) * last.every, last.every)


def last_train_error(session: Session, run_id: UUID) -> float | None:
    """Percent, the mean over the last 20 points; None before the first."""
    newest = select(StepChunk.error).where(StepChunk.run_id == run_id).order_by(StepChunk.first.desc())
    errors: list[float] = []
    for column in session.scalars(newest.limit(RECENT)):
        errors = [*unpack(column), *errors]
        if len(errors) >= RECENT:
            break
    recent = errors[-RECENT:]
    return sum(recent) / len(recent) if recent else None


def pack(values: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def unpack(column: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(column) // 4}f", column)


def _add_chunk(session: Session, run: Run, first: int, every: int, columns: Sequence[Sequence[float]]) -> None:
    loss, error, lr = map(pack, columns)
    count = len(columns[0])
    session.add(
        StepChunk(
            run_id=run.id, first=first, count=count, every=every, attempt=run.fence, loss=loss, error=error, lr=lr
        )
    )
    session.flush()


def _merge_cell(session: Session, run_id: UUID, last: int, every: int) -> None:
    """Makes one chunk of the full cell that ends with iteration `last`."""
    in_cell = (StepChunk.run_id == run_id, StepChunk.first > last - CELL * every, StepChunk.first <= last)
    chunks = list(session.scalars(select(StepChunk).where(*in_cell).order_by(StepChunk.first)))
    if len(chunks) < 2:
        return
    whole, *rest = chunks
    for name in ("loss", "error", "lr"):
        setattr(whole, name, b"".join(getattr(chunk, name) for chunk in chunks))
    whole.count = sum(chunk.count for chunk in chunks)
    whole.attempt = rest[-1].attempt
    for chunk in rest:
        session.delete(chunk)
    session.flush()
