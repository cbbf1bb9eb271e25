"""A run's raw points as a table, in blocks that fit in memory: a row per iteration, a column per series."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from store.curves import points
from store.curves.points import Floats, Ints
from store.curves.series import NamedSeries, Series, of_tasks
from store.db.models import Run
from trainer.tasks import task_of

ITERATIONS = 16_384


@dataclass(frozen=True)
class Block:
    """Rows of ascending iterations; NaN, which no series contains, where a series has no point."""

    iteration: Ints
    columns: dict[Series, Floats]


def series_of(runs: Sequence[Run]) -> tuple[NamedSeries, ...]:
    """The series that some of the runs have by their task."""
    return of_tasks({task_of(run.spec) for run in runs})


def blocks(session: Session, run: Run, series: Sequence[Series]) -> Iterator[Block]:
    """Yields these series of the run, without iterations that have no point."""
    for first in range(1, run.iteration + 1, ITERATIONS):
        series_points = points.read(session, [run.id], series, first, first + ITERATIONS - 1)
        iteration = np.unique(np.concatenate([column.iteration for column in series_points.values()]))
        yield Block(iteration, {name: _column(iteration, own) for (_, name), own in series_points.items()})


def _column(iteration: Ints, series: points.Points) -> Floats:
    column = np.full(len(iteration), np.nan, series.value.dtype)
    column[np.searchsorted(iteration, series.iteration)] = series.value
    return column
