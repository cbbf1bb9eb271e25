"""Lays imported training points out as the rows of curves: stretches of evenly spaced iterations, cut into cells."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from store.curves.points import NONE, Ints, Points
from store.curves.series import COLUMNS, STEP_SERIES, of_tasks
from store.curves.write import CELL
from store.db.errors import Refused
from store.imports.content import FIELD
from store.imports.declaration import ForeignSeries

# A row each: with more, the points are so uneven that reading them would take seconds.
MOST_STRETCHES: Final = 20_000


def chunks(series: Mapping[ForeignSeries, Points]) -> list[dict[str, Any]]:  # Any: the columns of StepChunk
    """The rows without their run and attempt; NaN where a series has no point. Raises Refused for too many rows."""
    mine = of_tasks(["classification"])  # the columns of detectors stay null
    own = {name: series.get(name, NONE) for name in STEP_SERIES if name in mine}
    iteration = np.unique(np.concatenate([points.iteration for points in own.values()]))
    columns = {COLUMNS[name]: _column(iteration, points) for name, points in own.items()}
    stretches = list(_stretches(iteration))
    if len(stretches) > MOST_STRETCHES:
        raise Refused(
            FIELD,
            f"The training points have {len(stretches):,} changes of spacing; at most {MOST_STRETCHES:,} are allowed. "
            "Log at every nth iteration.",
        )
    return [
        {
            "first": int(iteration[start]),
            "count": end - start,
            "every": every,
            **{name: column[start:end].tobytes() for name, column in columns.items()},
        }
        for whole, last, every in stretches
        for start, end in _cells(whole, last)
    ]


def spacing(points: Points) -> int | None:
    """The commonest distance between neighbouring points; of a single point, its iteration. None without points."""
    if len(points.iteration) < 2:
        return int(points.iteration[0]) if len(points.iteration) else None
    distances, counts = np.unique(np.diff(points.iteration), return_counts=True)
    return int(distances[counts.argmax()])


def _column(iteration: Ints, points: Points) -> "np.ndarray[Any, np.dtype[np.float32]]":
    column = np.full(len(iteration), np.nan, "<f4")
    column[np.searchsorted(iteration, points.iteration)] = points.value
    return column


def _stretches(iteration: Ints) -> Iterator[tuple[int, int, int]]:
    """Yields the start, the end and the spacing of each longest run of evenly spaced iterations."""
    distances = np.diff(iteration)
    changes = np.flatnonzero(np.diff(distances)) + 1  # where a distance differs from the one before
    ends = [*changes.tolist(), len(distances)]
    start = 0
    while start < len(iteration):
        end = min(ends[bisect_right(ends, start)] + 1 if start < len(distances) else start + 1, len(iteration))
        yield start, end, int(distances[start]) if end - start > 1 else 1
        start = end


def _cells(start: int, end: int) -> Iterator[tuple[int, int]]:
    return ((at, min(at + CELL, end)) for at in range(start, end, CELL))
