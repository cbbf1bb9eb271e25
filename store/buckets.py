"""Reading curves: min, max and mean of buckets on an absolute power-of-two grid, down to the raw points.

Bucket b of step s holds the iterations b·s+1 … (b+1)·s, whatever the range that is asked for: a running
and a finished run agree, and an old bucket never changes. No extreme is ever lost.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.curves import EVALUATION_SERIES, STEP_SERIES, Series, StepSeries
from store.models import Evaluation, Run, StepChunk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Iterations `first` … `last` in at most `points` buckets; `smoothing` in [0, 1) is the weight of the past."""

    first: int
    last: int
    points: int = 1200
    smoothing: float = 0

    @property
    def step(self) -> int:
        """The least power of two that covers the window with `points` buckets."""
        step = 1
        while (self.last - 1) // step - (self.first - 1) // step + 1 > self.points:
            step *= 2
        return step


@dataclass(frozen=True)
class Curve:
    """Columns of one series. `iteration` is each bucket's first; at step 1 it is the point's own.

    `least` and `most` are None where every bucket holds one point; `points` counts what is behind them.
    """

    iteration: list[int]
    mean: list[float]
    least: list[float] | None
    most: list[float] | None
    smoothed: list[float] | None
    points: int


def read(session: Session, run_id: UUID, series: Series, window: Window) -> Curve:
    """One series of one run within the window; empty where there is nothing yet."""
    if series in STEP_SERIES:
        return bucketed(*_step_points(session, run_id, series, window), window.step)
    # Evaluations keep their own x: they are few, and go into buckets only where they are not.
    points = _evaluation_points(session, run_id, series, window)
    return bucketed(*points, window.step if len(points[0]) > window.points else 1)


def bucketed(iterations: Ints, values: Floats, smoothed: Floats | None, step: int) -> Curve:
    """Ascending points in the buckets of the absolute grid; empty buckets are left out."""
    if step == 1 or not len(iterations):
        raw = None if smoothed is None else smoothed.tolist()
        return Curve(iterations.tolist(), values.tolist(), None, None, raw, len(iterations))
    buckets = (iterations - 1) // step
    starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
    sizes = np.diff(np.r_[starts, len(values)])
    return Curve(
        iteration=(buckets[starts] * step + 1).tolist(),
        mean=(np.add.reduceat(values, starts) / sizes).tolist(),
        least=np.minimum.reduceat(values, starts).tolist(),
        most=np.maximum.reduceat(values, starts).tolist(),
        smoothed=None if smoothed is None else (np.add.reduceat(smoothed, starts) / sizes).tolist(),
        points=len(values),
    )


def longest(runs: list[Run]) -> int:
    """The end of the default window: planned iterations, so that the grid stays put while the runs go on."""
    return max((run.iterations for run in runs), default=1)


def smooth(values: Floats, weight: float) -> Floats:
    """Exponential moving average, debiased as Adam's moments are; `weight` in [0, 1) is that of the past."""
    if weight == 0 or not len(values):
        return values
    # y_i = (1-w)·Σ w^(i-k)·x_k as a running sum, in blocks short enough that w^-i stays exact in float64.
    block = max(1, int(16 / -math.log(weight)))
    powers = weight ** np.arange(1, block + 1)
    out, carried = np.empty_like(values), 0.0
    for start in range(0, len(values), block):
        part = values[start : start + block]
        decay = powers[: len(part)]
        out[start : start + block] = decay * (carried + (1 - weight) * np.cumsum(part / decay))
        carried = float(out[start + len(part) - 1])
    debias: Floats = out / (1 - weight ** np.arange(1, len(values) + 1))
    return debias


def csv_lines(session: Session, run: Run) -> Iterator[str]:
    """Every raw point of a run: a header, then a line an iteration, empty where a series has none."""
    columns: dict[str, dict[int, float]] = {name: {} for name in EVALUATION_SERIES}
    for row in session.scalars(select(Evaluation).where(Evaluation.run_id == run.id)):
        for field in ("error", "loss", "top5_error"):
            if (value := getattr(row, field)) is not None:
                columns[f"{row.split}_{field}"][row.iteration] = value
    left = sorted(set().union(*columns.values()))
    yield _csv_line(["iteration", *STEP_SERIES, *EVALUATION_SERIES])
    for iteration, steps in _steps(session, run.id):
        while left and left[0] < iteration:
            early = left.pop(0)
            yield _csv_line([early, "", "", "", *(columns[name].get(early, "") for name in EVALUATION_SERIES)])
        if left and left[0] == iteration:
            left.pop(0)
        yield _csv_line([iteration, *steps, *(columns[name].get(iteration, "") for name in EVALUATION_SERIES)])
    for iteration in left:
        yield _csv_line([iteration, "", "", "", *(columns[name].get(iteration, "") for name in EVALUATION_SERIES)])


def _steps(session: Session, run_id: UUID) -> Iterator[tuple[int, tuple[float, float, float]]]:
    query = select(StepChunk).where(StepChunk.run_id == run_id).order_by(StepChunk.first)
    for chunk in session.scalars(query.execution_options(yield_per=16)):
        # float32 as it was written: str() of numpy's own scalar is its shortest exact decimal.
        columns = [np.frombuffer(column, "<f4") for column in (chunk.loss, chunk.error, chunk.lr)]
        for index in range(chunk.count):
            yield chunk.first + index * chunk.every, cast("Any", tuple(str(column[index]) for column in columns))


def _csv_line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _step_points(
    session: Session, run_id: UUID, series: StepSeries, window: Window
) -> tuple[Ints, Floats, Floats | None]:
    column = {"train_loss": StepChunk.loss, "train_error": StepChunk.error, "lr": StepChunk.lr}[series]
    query = select(StepChunk.first, StepChunk.count, StepChunk.every, column).where(StepChunk.run_id == run_id)
    smoothing = window.smoothing if series != "lr" else 0
    if not smoothing:  # a smoothed series is smoothed from its start, so that zoom does not change it
        query = query.where(
            StepChunk.first <= window.last, StepChunk.first + StepChunk.count * StepChunk.every > window.first
        )
    rows = session.execute(query.order_by(StepChunk.first)).all()
    if not rows:
        return np.empty(0, np.int64), np.empty(0), None
    iterations = np.concatenate([first + every * np.arange(count) for first, count, every, _ in rows])
    values = np.frombuffer(b"".join(row[3] for row in rows), "<f4").astype(np.float64)
    inside = (iterations >= window.first) & (iterations <= window.last)
    smoothed = smooth(values, smoothing)[inside] if smoothing else None
    return iterations[inside], values[inside], smoothed


def _evaluation_points(session: Session, run_id: UUID, series: str, window: Window) -> tuple[Ints, Floats, None]:
    split, field = series.split("_", 1)
    column = getattr(Evaluation, field)
    query = select(Evaluation.iteration, column).where(
        Evaluation.run_id == run_id,
        Evaluation.split == split,
        Evaluation.iteration.between(window.first, window.last),
        column.is_not(None),
    )
    rows = session.execute(query.order_by(Evaluation.iteration)).all()
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float64), None
