"""What a file of another tool says: series of numbers by the file's own names, in the file's own steps."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from store.db.errors import Refused
from store.imports.declaration import FileFormat

# The paper's longest training has 600,000 iterations (sec. 3.4).
MOST_ROWS: Final = 1_000_000
MOST_NAMES: Final = 1_000
FIELD: Final = "file"


def refuse(text: str) -> Refused:
    return Refused(FIELD, text)


def quoted(text: object) -> str:
    """A short printable form of what a file says."""
    shown = str(text)
    return repr(shown if len(shown) <= 40 else f"{shown[:40]}…")


@dataclass
class FileSeries:
    """Steps in ascending order, and the value at each."""

    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, step: int, value: float, where: str) -> None:
        """Raises Refused for a step that doesn't follow the one before."""
        if self.steps and step <= self.steps[-1]:
            raise refuse(
                f"{where}: step {step:,} follows step {self.steps[-1]:,}. Steps must ascend without repeats; "
                "a file of a training that was restarted must be cut to one line of steps first."
            )
        if len(self.steps) == MOST_ROWS:
            raise refuse(f"The file has more than {MOST_ROWS:,} points in a series. Keep every tenth, for example.")
        self.steps.append(step)
        self.values.append(value)

    def continue_with(self, later: "FileSeries", name: str) -> None:
        """Goes on with a resumed training's points, which replace those from their first step on. Raises Refused."""
        kept = bisect_left(self.steps, later.steps[0])
        if kept == 0:
            raise refuse(
                f"{quoted(name)} begins again at step {later.steps[0]:,} in a later file. Send the files of one "
                "training only, where each continues the one before, and none that has the same names for other data."
            )
        if kept + len(later.steps) > MOST_ROWS:
            raise refuse(f"The files have more than {MOST_ROWS:,} points in a series. Keep every tenth, for example.")
        self.steps = self.steps[:kept] + later.steps
        self.values = self.values[:kept] + later.values


@dataclass
class FileContent:
    """The series that were requested by name, and the names of all others in the file."""

    format: FileFormat
    series: dict[str, FileSeries] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)  # an ordered set

    def note(self, name: str) -> None:
        """Remembers a name that was not requested, up to a limit."""
        if len(self.others) < MOST_NAMES:
            self.others.setdefault(name[:200])

    def names(self) -> Iterator[str]:
        yield from self.series
        yield from self.others
