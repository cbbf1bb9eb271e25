"""The x axes of a curve other than the iteration: epochs, images, or time.

Epochs and images are the iteration times a factor. Times are known at each sample (`samples`), about once a second,
and at the start of each attempt. Between them they are interpolated, as if all iterations took equally long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from store import history
from store.curves.points import Doubles, Ints
from store.curves.series import Axis
from store.db.database import binary_rows
from store.db.errors import Refused
from store.db.models import Attempt, Run
from store.imports.mark import is_unknown, marked
from store.runs.states import EventKind
from trainer import tasks
from trainer.detection.spec import DetectionSpec


@dataclass(frozen=True)
class LinearScale:
    """x is proportional to the iteration."""

    slope: float

    def __call__(self, iteration: Ints) -> Doubles:
        return self.slope * iteration.astype(np.float64)


@dataclass(frozen=True, eq=False)
class TimeScale:
    """x is linear between knots: ascending iterations, and x at each."""

    iteration: Doubles
    x: Doubles

    def __call__(self, iteration: Ints) -> Doubles:
        return np.asarray(np.interp(iteration, self.iteration, self.x) if len(self.x) else 0.0 * iteration)


Scale = LinearScale | TimeScale


def scales(session: Session, runs: Sequence[Run], axis: Axis) -> dict[UUID, Scale]:
    """Returns the scale of each run: how its iterations become x.

    Raises Refused for an import of which nobody said what the axis needs.
    """
    for run in runs:
        _refuse_unknown(run, axis)
    if axis in ("iteration", "images", "epoch"):
        return {run.id: LinearScale(_slope(session, run, axis)) for run in runs}
    knots = _knots(session, [run.id for run in runs])
    return {run.id: TimeScale(*_times(run, axis, *knots[run.id])) for run in runs}


def _refuse_unknown(run: Run, axis: Axis) -> None:
    if run.origin is None or axis in ("iteration", "wall_time"):  # exports need a time, and the import's will do
        return
    if axis not in ("images", "epoch"):
        raise Refused("x", f"Nobody said when the iterations of {marked(run)} were done. Choose iterations instead.")
    needed = ("batch_size",) if axis == "images" else ("batch_size", "train_images")
    if is_unknown(run, *needed):
        raise Refused("x", f"Nobody said the batch size and data of {marked(run)}. Choose iterations instead.")


def starts(session: Session, runs: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    """Returns the attempts of each run, in order."""
    attempts: dict[UUID, list[Attempt]] = {run: [] for run in runs}
    for attempt in session.scalars(select(Attempt).where(Attempt.run_id.in_(runs)).order_by(Attempt.number)):
        attempts[attempt.run_id].append(attempt)
    return attempts


def _slope(session: Session, run: Run, axis: Axis) -> float:
    spec = tasks.of(run.spec)
    match axis:
        case "images":
            return spec.batch_size
        case "epoch":
            counted = None if isinstance(spec, DetectionSpec) else spec.train_images
            return spec.batch_size / (counted or _train_images(session, run))
        case _:
            return 1.0


def _train_images(session: Session, run: Run) -> int:
    """Returns the trainer's count for a user's data set; 1 before it counted, when the curve has no points."""
    started = history.page(session, run.id, limit=1, kinds=[EventKind.started])
    return int(started[0].body["train_images"]) if started else 1


@dataclass(frozen=True, eq=False)
class Knots:
    """When iterations were done and by which attempt, as columns. Times are seconds since 1970."""

    attempt: Ints
    iteration: Doubles
    at: Doubles

    @classmethod
    def of(cls, attempt: Sequence[int], iteration: Sequence[float], at: Sequence[float]) -> Self:
        return cls(np.array(attempt, np.int64), np.array(iteration, np.float64), np.array(at, np.float64))


def _knots(session: Session, runs: Sequence[UUID]) -> dict[UUID, tuple[list[Attempt], Knots]]:
    rows = binary_rows(
        session,
        "SELECT run_id, attempt, iteration, at FROM sample_chunks WHERE run_id = ANY(%(runs)s) ORDER BY run_id, first",
        {"runs": list(runs)},
    )
    # Growing lists, then one array of each: a day has 86,400 samples, and an object for each took 3.5 µs (measured).
    columns: dict[UUID, tuple[list[int], list[float], list[float]]] = {run: ([], [], []) for run in runs}
    for run, number, iterations, times in rows:
        attempt, iteration, at = columns[run]
        attempt += [number] * len(iterations)
        iteration += iterations
        at += times
    return {run: (attempts, Knots.of(*columns[run])) for run, attempts in starts(session, runs).items()}


def _times(run: Run, axis: Axis, attempts: list[Attempt], knots: Knots) -> tuple[Doubles, Doubles]:
    """Returns ascending iterations and the time of each on the axis."""
    contributing = _contributing(attempts)
    # An attempt begins just after the iteration that it starts from, which another attempt did earlier.
    starts = Knots.of(
        [attempt.number for attempt in contributing],
        [attempt.resumed_from + 1e-6 for attempt in contributing],
        [attempt.started_at.timestamp() for attempt in contributing],
    )
    iteration = np.concatenate((starts.iteration, knots.iteration))
    order = np.argsort(iteration, kind="stable")
    # Attempts count from 1.
    zero = np.array([0.0, *_zeros(axis, attempts).values()])[np.concatenate((starts.attempt, knots.attempt))]
    scale = tasks.of(run.spec).devices if axis == "device_seconds" else 1
    return iteration[order], scale * (np.concatenate((starts.at, knots.at)) - zero)[order]


def _zeros(axis: Axis, attempts: list[Attempt]) -> dict[int, float]:
    """Returns, for each attempt, what is subtracted from its times."""
    if axis == "wall_time" or not attempts:
        return dict.fromkeys((attempt.number for attempt in attempts), 0.0)
    zero, zeros = attempts[0].started_at.timestamp(), {}
    for before, attempt in zip([None, *attempts], attempts, strict=False):
        if before and axis == "device_seconds":  # no worker had the run between the two
            zero += (attempt.started_at - (before.ended_at or attempt.started_at)).total_seconds()
        zeros[attempt.number] = zero
    return zeros


def _contributing(attempts: list[Attempt]) -> list[Attempt]:
    """Returns the attempts with surviving iterations: no later attempt started at the same iteration or before."""
    survivors: list[Attempt] = []
    for attempt in reversed(attempts):
        if not survivors or attempt.resumed_from < survivors[-1].resumed_from:
            survivors.append(attempt)
    return survivors
