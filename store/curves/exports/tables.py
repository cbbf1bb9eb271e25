"""Every raw point of a run as a table: a row an iteration, a column a series, in blocks that fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from store.curves import points
from store.curves.points import Floats, Ints
from store.curves.series import SERIES, Series
from store.db.models import Run

ITERATIONS = 16_384


@dataclass(frozen=True)
class Block:
    """Ascending iterations; NaN, which no series ever holds, where one has no point."""

    iteration: Ints
    columns: dict[Series, Floats]


def blocks(session: Session, run: Run) -> Iterator[Block]:
    """All of the run's series, iterations without any point left out."""
    for first in range(1, run.iteration + 1, ITERATIONS):
        found = points.read(session, [run.id], SERIES, first, first + ITERATIONS - 1)
        iteration = np.unique(np.concatenate([series.iteration for series in found.values()]))
        yield Block(iteration, {name: _column(iteration, series) for (_, name), series in found.items()})


def _column(iteration: Ints, series: points.Points) -> Floats:
    column = np.full(len(iteration), np.nan, series.value.dtype)
    column[np.searchsorted(iteration, series.iteration)] = series.value
    return column
