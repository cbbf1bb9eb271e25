"""Raw points from the tables, as arrays: many runs and series, with one query for each kind of series.

Binary on the wire (`binary_rows`): a `bytea` in text is twice as long and has to be parsed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from store.curves.series import (
    COLUMNS,
    EVALUATION_SERIES,
    SAMPLE_SERIES,
    STEP_SERIES,
    ClassSeries,
    Series,
    class_of,
    class_series,
)
from store.db.database import binary_rows

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]
Floats = NDArray[np.float32 | np.float64]


@dataclass(frozen=True)
class Points:
    """A series as stored, at ascending iterations: float64 for evaluations, float32 for the others."""

    iteration: Ints
    value: Floats

    def between(self, first: int, last: int) -> "Points":
        start, end = np.searchsorted(self.iteration, (first, last + 1))
        return Points(self.iteration[start:end], self.value[start:end])


NONE = Points(np.empty(0, np.int64), np.empty(0, np.float32))
Key = tuple[UUID, Series]


def read(session: Session, runs: Sequence[UUID], series: Sequence[Series], first: int, last: int) -> dict[Key, Points]:
    """Reads every point at the iterations `first` … `last`; a run and series without points has `NONE`."""
    points: dict[Key, Points] = {(run, name): NONE for run in runs for name in series}
    window = {"runs": list(runs), "first": first, "last": last}
    for kind, reader in ((STEP_SERIES, _steps), (EVALUATION_SERIES, _evaluations), (SAMPLE_SERIES, _samples)):
        if names := [name for name in series if name in kind]:
            points |= reader(session, names, window)
    if own := [known for name in series if (known := class_series(name))]:
        points |= _classes(session, own, window)
    return points


def _steps(session: Session, names: Sequence[Any], window: dict[str, Any]) -> dict[Key, Points]:
    columns = ", ".join(COLUMNS[name] for name in names)
    rows = binary_rows(
        session,
        f"SELECT run_id, first, count, every, {columns} FROM step_chunks"  # noqa: S608 (names of our own columns)
        " WHERE run_id = ANY(%(runs)s) AND first <= %(last)s AND first + count * every > %(first)s"
        " ORDER BY run_id, first",
        window,
    )
    points = {}
    for run, chunks in _by_run(rows).items():
        iteration = _iterations(chunks)
        for index, name in enumerate(names, start=4):
            if chunks[0][index] is None:  # another task's
                continue
            value = np.frombuffer(b"".join(chunk[index] for chunk in chunks), "<f4")
            points[run, name] = _measured(iteration, value).between(window["first"], window["last"])
    return points


def _measured(iteration: Ints, value: Floats) -> Points:
    """Leaves out NaN, which stands for a point that an import doesn't have."""
    missing = np.isnan(value)
    return Points(iteration[~missing], value[~missing]) if missing.any() else Points(iteration, value)


def _iterations(chunks: list[tuple[Any, ...]]) -> Ints:
    """Returns the iterations of chunks (run, first, count, every, …) in order."""
    first, count, every = (np.array(column, np.int64) for column in list(zip(*chunks, strict=True))[1:4])
    step, end = every[0], first + every * count
    if np.all(every == step) and np.array_equal(first[1:], end[:-1]):  # no gap: nearly always the case, and far cheaper
        return np.arange(first[0], end[-1], step)
    starts = np.cumsum(count) - count
    # Point i of a chunk is at first + every·i, and i is the index among all points minus the chunk's start.
    return np.repeat(first - every * starts, count) + np.repeat(every, count) * np.arange(count.sum())


def _evaluations(session: Session, names: Sequence[Any], window: dict[str, Any]) -> dict[Key, Points]:
    rows = binary_rows(
        session,
        "SELECT run_id, split, iteration, error, loss, top5_error, map, map_50, map_50_95 FROM evaluations"
        " WHERE run_id = ANY(%(runs)s) AND iteration BETWEEN %(first)s AND %(last)s ORDER BY run_id, iteration",
        window,
    )
    columns = {"error": 3, "loss": 4, "top5_error": 5, "map": 6, "map_50": 7, "map_50_95": 8}
    points = {}
    for run, own in _by_run(rows).items():
        for name in names:
            split, field = name.split("_", 1)
            pairs = [(row[2], row[columns[field]]) for row in own if row[1] == split]
            points[run, name] = _points([pair for pair in pairs if pair[1] is not None], np.float64)
    return points


def _classes(session: Session, names: Sequence[ClassSeries], window: dict[str, Any]) -> dict[Key, Points]:
    rows = binary_rows(
        session,
        "SELECT run_id, split, iteration, ap FROM evaluations WHERE ap IS NOT NULL"
        " AND run_id = ANY(%(runs)s) AND iteration BETWEEN %(first)s AND %(last)s ORDER BY run_id, iteration",
        window,
    )
    points: dict[Key, Points] = {}
    for run, own in _by_run(rows).items():
        for name in names:
            split, label = class_of(name)
            pairs = [(row[2], row[3][label]) for row in own if row[1] == split and row[3].get(label) is not None]
            points[run, name] = _points(pairs, np.float64)
    return points


def _samples(session: Session, names: Sequence[Any], window: dict[str, Any]) -> dict[Key, Points]:
    rows = binary_rows(
        session,
        f"SELECT run_id, iteration, {', '.join(names)} FROM sample_chunks"  # noqa: S608 (names of our own columns)
        " WHERE run_id = ANY(%(runs)s) AND first <= %(last)s AND last >= %(first)s ORDER BY run_id, first",
        window,
    )
    points = {}
    for run, chunks in _by_run(rows).items():
        for index, name in enumerate(names, start=2):
            pairs = [
                (at, value)
                for chunk in chunks
                for at, value in zip(chunk[1], chunk[index], strict=True)
                if value is not None
            ]
            points[run, name] = _points(pairs, np.float32).between(window["first"], window["last"])
    return points


def _points(pairs: list[tuple[int, float]], kind: type[np.float32 | np.float64]) -> Points:
    return Points(np.array([at for at, _ in pairs], np.int64), np.array([value for _, value in pairs], kind))


def _by_run(rows: list[tuple[Any, ...]]) -> dict[UUID, list[tuple[Any, ...]]]:
    by_run: dict[UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_run.setdefault(row[0], []).append(row)
    return by_run
