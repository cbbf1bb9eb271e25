"""Writes curves: per-iteration values as float32 columns in chunks, never a row per point.

Small chunks arrive about once a second. The chunks of a cell of 1,024 points are merged when the cell is full. For
reading, see `buckets`.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from store import history
from store.curves.series import COLUMNS
from store.db.models import Run, StepChunk
from store.runs.states import EventKind
from trainer.events import DetectionSteps, Points, Steps

CELL = 1024
# A run's train_error is the mean over this many mini-batches: a single one jumps by several points.
RECENT = 20


def append(session: Session, run: Run, steps: Points) -> None:
    """Adds the next iterations of a locked run, cut at the borders of cells."""
    first, every, count = steps.first, steps.every, len(steps.loss)
    columns = _columns(steps)
    index = (first - 1) // every  # of the first point in the run
    borders = range(CELL - index % CELL, count, CELL)
    chunks = [_chunk(run, steps, columns, start, end) for start, end in pairwise([0, *borders, count])]
    session.execute(insert(StepChunk), chunks)
    for full in range(CELL - index % CELL, count + 1, CELL):
        _merge_cell(session, run.id, first + (full - 1) * every, every)
    if isinstance(steps, Steps):
        recent = unpack(pack(steps.error[-RECENT:]))  # rounded as stored
        # Before the other changes: this query makes the session write the row, which would then be written twice.
        run.train_error = sum(recent) / RECENT if len(recent) == RECENT else last_train_error(session, run.id)
    run.images_per_s = steps.images_per_s
    run.iteration = max(run.iteration, first + (count - 1) * every)
    newest: dict[str, Any] = {name: values[-1] for name, values in columns.items()}
    newest |= {"first": first, "every": every, "count": count, "images_per_s": steps.images_per_s}
    history.record(session, run, EventKind.steps, **newest)


def _columns(points: Points) -> dict[str, list[float]]:
    """The points by the chunk's columns; those of other tasks stay null."""
    match points:
        case Steps():
            return {"loss": points.loss, "error": points.error, "lr": points.lr}
        case DetectionSteps():
            return {
                "loss": points.loss,
                "rpn_class_loss": points.rpn_class_loss,
                "rpn_box_loss": points.rpn_box_loss,
                "class_loss": points.class_loss,
                "box_loss": points.box_loss,
                "foreground": points.foreground,
                "lr": points.lr,
            }


def truncate(session: Session, run_id: UUID, iteration: int) -> None:
    """Deletes every point after `iteration`, even from the middle of a chunk."""
    session.execute(delete(StepChunk).where(StepChunk.run_id == run_id, StepChunk.first > iteration))
    remaining = (iteration - StepChunk.first) // StepChunk.every + 1
    columns = {
        column: func.substring(column, 1, 4 * remaining)
        for column in StepChunk.__table__.c
        if isinstance(column.type, LargeBinary)
    }
    session.execute(
        update(StepChunk)
        .where(StepChunk.run_id == run_id, StepChunk.count > remaining)
        .values({StepChunk.count: remaining, **columns})
        .execution_options(synchronize_session=False)
    )


def compact(session: Session, run: Run) -> None:
    """Merges the small chunks of a cell that will never be full; every value stays."""
    last = session.execute(
        select(StepChunk.first, StepChunk.every).where(StepChunk.run_id == run.id).order_by(StepChunk.first.desc())
    ).first()
    if last:
        index = (last.first - 1) // last.every
        _merge_cell(session, run.id, (index - index % CELL + CELL) * last.every, last.every)


def last_train_error(session: Session, run_id: UUID) -> float | None:
    """Returns the mean over the last 20 points, percent; None if there are none."""
    newest = select(StepChunk.error).where(StepChunk.run_id == run_id).order_by(StepChunk.first.desc())
    errors: list[float] = []
    for column in session.scalars(newest.limit(RECENT)):
        if column is None:  # of a detector
            return None
        errors = [*unpack(column), *errors]
        if len(errors) >= RECENT:
            break
    recent = errors[-RECENT:]
    return sum(recent) / len(recent) if recent else None


def pack(values: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def unpack(column: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(column) // 4}f", column)


def _chunk(run: Run, steps: Points, columns: dict[str, list[float]], start: int, end: int) -> dict[str, Any]:
    """Returns the row of these points of `steps`, which are in one cell."""
    first = steps.first + start * steps.every
    return {
        "run_id": run.id,
        "first": first,
        "count": end - start,
        "every": steps.every,
        "attempt": run.fence,
        **{name: pack(values[start:end]) for name, values in columns.items()},
    }


# Inside Postgres, so that no value is sent again.
_NAMES = tuple(COLUMNS.values())
_MERGE = text(f"""
WITH chunk AS (
  DELETE FROM step_chunks WHERE run_id = :run AND first > :before AND first <= :last
  AND (SELECT count(*) FROM step_chunks WHERE run_id = :run AND first > :before AND first <= :last) > 1
  RETURNING *
)
INSERT INTO step_chunks (run_id, first, count, every, attempt, at, {", ".join(_NAMES)})
SELECT run_id, min(first), sum(count), every, max(attempt), min(at),
  {", ".join(f"string_agg({name}, '' ORDER BY first)" for name in _NAMES)}
FROM chunk GROUP BY run_id, every
""")  # noqa: S608 (names of our own columns)


def _merge_cell(session: Session, run_id: UUID, last: int, every: int) -> None:
    """Merges the chunks of the cell that ends with iteration `last`."""
    session.execute(_MERGE, {"run": run_id, "before": last - CELL * every, "last": last})
