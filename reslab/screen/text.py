"""Tables, percentages and durations."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def table(rows: Iterable[Row], columns: Sequence[tuple[str, Callable[[Row], str]]]) -> str:
    """Columns as wide as their widest cell, all aligned to the left."""
    lines = [[heading for heading, _ in columns], *([cell(row) for _, cell in columns] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def printable(text: str, most: int = 1000) -> str:
    """Text of somebody else's file on one line: whatever a terminal would obey, not show, is written as in Python.

    A newline would forge a line, an escape sequence a colour, and U+202E the order of the letters.
    """
    shown = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    return shown if len(shown) <= most else f"{shown[:most]}…"


def percent(error: float | None) -> str:
    """`12.34 %`; a dash for None."""
    return "–" if error is None else f"{error:.2f} %"


def duration(seconds: float | None) -> str:
    """`2 h 05 min`, `4 min`, `50 s`; a dash for None."""
    if seconds is None:
        return "–"
    minutes = round(seconds / 60)
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)} d {minutes // 60 % 24} h"
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes} min" if minutes >= 2 else f"{seconds:.0f} s"
