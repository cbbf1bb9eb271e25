"""What stands below a curve instead of the iteration: epochs, images, or the time.

The first two are the iteration times a number. Times are known at each sample (`samples`), about once a second,
and at the start of each attempt; between two of them they are interpolated, as if its iterations were equally long.
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
from store.db.models import Attempt, Run
from store.runs.states import EventKind
from trainer.spec import RunSpec


@dataclass(frozen=True)
class LinearScale:
    """A number of x an iteration."""

    slope: float

    def __call__(self, iteration: Ints) -> Doubles:
        return self.slope * iteration.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Clock:
    """Straight between knots: ascending iterations, and x at each."""

    iteration: Doubles
    x: Doubles

    def __call__(self, iteration: Ints) -> Doubles:
        return np.asarray(np.interp(iteration, self.iteration, self.x) if len(self.x) else 0.0 * iteration)


Scale = LinearScale | Clock


def scales(session: Session, runs: Sequence[Run], axis: Axis) -> dict[UUID, Scale]:
    """How each run's iterations become x."""
    if axis in ("iteration", "images", "epoch"):
        return {run.id: LinearScale(_slope(session, run, axis)) for run in runs}
    knots = _knots(session, [run.id for run in runs])
    return {run.id: Clock(*_times(run, axis, *knots[run.id])) for run in runs}


def starts(session: Session, runs: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    """The attempts of each run, in order: where they went on from, and when."""
    found: dict[UUID, list[Attempt]] = {run: [] for run in runs}
    for attempt in session.scalars(select(Attempt).where(Attempt.run_id.in_(runs)).order_by(Attempt.number)):
        found[attempt.run_id].append(attempt)
    return found


def _slope(session: Session, run: Run, axis: Axis) -> float:
    spec = RunSpec.model_validate(run.spec)
    match axis:
        case "images":
            return spec.batch_size
        case "epoch":
            return spec.batch_size / (spec.train_images or _train_images(session, run))
        case _:
            return 1.0


def _train_images(session: Session, run: Run) -> int:
    """Of a data set of one's own: what the trainer counted. Before it did there is no point to place."""
    told = history.page(session, run.id, limit=1, kinds=[EventKind.started])
    return int(told[0].body["train_images"]) if told else 1


@dataclass(frozen=True, eq=False)
class Knots:
    """When iterations were done, by which attempt: columns. Times are seconds since 1970."""

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
    # Lists that grow, and one array of each: a day has 86,400 samples, and an object for each took 3.5 µs (measured).
    columns: dict[UUID, tuple[list[int], list[float], list[float]]] = {run: ([], [], []) for run in runs}
    for run, number, iterations, times in rows:
        attempt, iteration, at = columns[run]
        attempt += [number] * len(iterations)
        iteration += iterations
        at += times
    return {run: (attempts, Knots.of(*columns[run])) for run, attempts in starts(session, runs).items()}


def _times(run: Run, axis: Axis, attempts: list[Attempt], knots: Knots) -> tuple[Doubles, Doubles]:
    """Ascending iterations, and the time of each on the axis."""
    lasting = _lasting(attempts)
    # An attempt begins just after the iteration that it went on from, which another attempt did earlier.
    began = Knots.of(
        [attempt.number for attempt in lasting],
        [attempt.resumed_from + 1e-6 for attempt in lasting],
        [attempt.started_at.timestamp() for attempt in lasting],
    )
    iteration = np.concatenate((began.iteration, knots.iteration))
    order = np.argsort(iteration, kind="stable")
    # Attempts count from 1.
    zero = np.array([0.0, *_zeros(axis, attempts).values()])[np.concatenate((began.attempt, knots.attempt))]
    scale = RunSpec.model_validate(run.spec).devices if axis == "device_seconds" else 1
    return iteration[order], scale * (np.concatenate((began.at, knots.at)) - zero)[order]


def _zeros(axis: Axis, attempts: list[Attempt]) -> dict[int, float]:
    """What is taken from the time in each attempt."""
    if axis == "wall_time" or not attempts:
        return dict.fromkeys((attempt.number for attempt in attempts), 0.0)
    zero, found = attempts[0].started_at.timestamp(), {}
    for before, attempt in zip([None, *attempts], attempts, strict=False):
        if before and axis == "device_seconds":  # nobody had the run between the two
            zero += (attempt.started_at - (before.ended_at or attempt.started_at)).total_seconds()
        found[attempt.number] = zero
    return found


def _lasting(attempts: list[Attempt]) -> list[Attempt]:
    """Those that are not wholly superseded by one that went on from the same iteration or an earlier one."""
    kept: list[Attempt] = []
    for attempt in reversed(attempts):
        if not kept or attempt.resumed_from < kept[-1].resumed_from:
            kept.append(attempt)
    return kept
