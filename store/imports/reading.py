"""Reads a file of another tool as curves of this service: iterations that count from 1, errors in percent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from store.curves.points import Doubles, Ints, Points
from store.curves.series import EVALUATION_SERIES, STEP_SERIES, of_tasks
from store.imports import event_files, tables
from store.imports.content import FileContent, quoted, refuse
from store.imports.declaration import FileColumn, FileFormat, ForeignSeries, Measure, Reading
from trainer.events import LARGEST
from trainer.spec import MOST_ITERATIONS

# An import is a classifier.
FOREIGN: Final[tuple[ForeignSeries, ...]] = tuple(
    name for name in (*STEP_SERIES, *EVALUATION_SERIES) if name in of_tasks(["classification"])
)
ERRORS: Final[tuple[ForeignSeries, ...]] = ("test_error", "val_error", "train_error")
TO_PERCENT: Final[dict[Measure, tuple[float, float]]] = {  # factor, and what is added
    "error": (1, 0),
    "accuracy": (-1, 100),
    "error_fraction": (100, 0),
    "accuracy_fraction": (-100, 100),
}
PARQUET: Final = b"PAR1"


@dataclass(frozen=True)
class ForeignCurve:
    """The series of a file, each at ascending iterations; `others` are the columns that were not used."""

    format: FileFormat
    series: Mapping[ForeignSeries, Points]
    others: tuple[str, ...]

    @property
    def iteration(self) -> int:
        """The last iteration with a point."""
        return max(int(points.iteration[-1]) for points in self.series.values())


def read(files: Sequence[IO[bytes]], reading: Reading) -> ForeignCurve:
    """One file, or the event files of one training. Raises Refused with what is wrong, and what is allowed."""
    columns = {series: reading.column(series) for series in FOREIGN}
    names = frozenset(column.name for column in columns.values())
    content = _content(files, reading, names)
    missing = [column.name for column in reading.columns.values() if column.name not in content.series]
    if missing:
        raise refuse(f"The file has no numbers in {quoted(missing[0])}. It has {_listed(content)}.")
    series = {
        name: _points(content, name, column, reading)
        for name, column in columns.items()
        if column.name in content.series
    }
    if not any(name in series for name in ERRORS):
        raise refuse(
            f"The file has no series of errors. It has {_listed(content)}. Name a column test_error, val_error or "
            "train_error, or say which column holds one."
        )
    return ForeignCurve(content.format, series, tuple(content.others))


def _content(files: Sequence[IO[bytes]], reading: Reading, names: frozenset[str]) -> FileContent:
    kinds = {reading.format or _recognised(_start(file)) for file in files}
    if kinds == {"tensorboard"}:
        return event_files.read(files, names)
    if len(files) > 1:
        raise refuse(
            "Only TensorBoard's event files can be sent together, if they are of one training. Send another kind alone."
        )
    return _table(files[0], reading, names)


def _table(file: IO[bytes], reading: Reading, names: frozenset[str]) -> FileContent:
    start = _start(file)
    if start.lstrip().startswith(b"["):
        raise refuse("A JSON array can't be read here. Write one object per line, as to_json(lines=True) does.")
    if start.lstrip().startswith(b"{"):
        return tables.read_json_lines(file, names, reading.step_column)
    content = tables.read_csv(file, names, reading.step_column)
    content.format = reading.format or content.format
    return content


def _start(file: IO[bytes]) -> bytes:
    """The first bytes, which tell the kinds apart. Raises Refused for a file that can't be any of them."""
    start = file.read(12)
    file.seek(0)
    if not start:
        raise refuse("The file is empty.")
    if start.startswith(PARQUET):
        raise refuse(
            "Parquet can't be read here. Write the history as CSV where it was exported: "
            "pandas.read_parquet('history.parquet').to_csv('history.csv', index=False)."
        )
    return start


def _recognised(start: bytes) -> FileFormat:
    """An event file begins with the length of its first record: a small number, in eight bytes."""
    return "tensorboard" if len(start) == 12 and not any(start[4:8]) else "csv"


def _points(content: FileContent, name: ForeignSeries, column: FileColumn, reading: Reading) -> Points:
    own = content.series[column.name]
    iteration = (np.array(own.steps, np.int64) - reading.counts_from + 1) * reading.iterations_per_step
    if iteration[0] < 1:
        raise refuse(
            f"{quoted(column.name)} begins at step 0. If the file counts from 0, say so (counts_from); if step 0 is "
            "before training, leave it out."
        )
    if iteration[-1] > MOST_ITERATIONS:
        raise refuse(f"{quoted(column.name)} has iteration {iteration[-1]:,}. At most {MOST_ITERATIONS:,} are allowed.")
    return Points(iteration, _values(name, column, np.array(own.values, np.float64), iteration, reading))


def _values(name: ForeignSeries, column: FileColumn, values: Doubles, iteration: Ints, reading: Reading) -> Doubles:
    if not name.endswith("_error"):
        low, high = (0.0, 100.0) if name == "lr" else (-LARGEST, LARGEST)
        return _between(column.name, values, iteration, (low, high))
    factor, added = TO_PERCENT[column.measure]
    percent = factor * values + added
    if name not in reading.columns and values.max() <= 1:
        raise refuse(
            f"{quoted(column.name)} is at most {values.max():g} everywhere. Errors are percent: if these are "
            "fractions, say so (error_fraction); if they are percent, name the column for the series."
        )
    return _between(column.name, percent, iteration, (0.0, 100.0))


def _between(name: str, values: Doubles, iteration: Ints, ends: tuple[float, float]) -> Doubles:
    low, high = ends
    outside = np.flatnonzero((values < low) | (values > high))
    if len(outside):
        at = int(outside[0])
        raise refuse(
            f"{quoted(name)} is {values[at]:g} at iteration {iteration[at]:,}. It must be between {low:g} and {high:g}."
        )
    return values


def _listed(content: FileContent) -> str:
    names = list(content.names())
    shown = ", ".join(quoted(name) for name in names[:12]) or "nothing else"
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12:,} more"
