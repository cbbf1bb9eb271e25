"""Reads tables: CSV with a header, and JSON lines, as a person writes them or as W&B exports a run's history.

W&B: https://docs.wandb.ai/guides/app/features/panels/line-plot (CSV), and `run.history()` or `run.scan_history()` of
its API, written as CSV or as JSON lines. There `_step` counts, and a chart's CSV has the column `Step`.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, Final

from store.imports.content import MOST_ROWS, FileContent, FileSeries, quoted, refuse
from store.imports.declaration import FileFormat

if TYPE_CHECKING:
    import _csv

STEP_COLUMNS: Final = ("iteration", "_step", "Step", "step", "global_step", "trainer/global_step")
OF_WANDB: Final = frozenset({"_step", "Step", "_runtime", "_timestamp"})
MOST_COLUMNS: Final = 1_000
LARGEST_STEP: Final = 2**53


def read_csv(file: IO[bytes], names: frozenset[str], step_column: str | None) -> FileContent:
    """Raises Refused with the line that is wrong."""
    rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
    try:
        header = _header(rows)
        counting = _step_column(header, step_column)
        content = FileContent(_format_of(header))
        for name in header:
            if name not in names and name != counting:
                content.note(name)
        used = [(index, name) for index, name in enumerate(header) if name in names or name == counting]
        _read(content, _cells(rows, len(header), used), names, counting)
    except UnicodeDecodeError as error:
        raise refuse("The file is not UTF-8 text. Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise refuse(f"Line {rows.line_num:,} can't be read as CSV: {error}.") from error
    return content


def read_json_lines(file: IO[bytes], names: frozenset[str], step_column: str | None) -> FileContent:
    """Raises Refused with the line that is wrong."""
    content = FileContent("wandb")
    lines = _objects(file)
    first = next(lines, None)
    if first is None:
        raise refuse("The file has no lines.")
    counting = _step_column(list(first[1]), step_column)
    _read(content, _chained(first, lines), names, counting)
    return content


Row = tuple[str, Mapping[str, Any]]  # where it is, and its cells; Any: JSON


def _read(content: FileContent, rows: Iterable[Row], names: frozenset[str], counting: str) -> None:
    last: int | None = None
    for number, (where, row) in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise refuse(f"The file has more than {MOST_ROWS:,} rows. Keep every tenth, for example.")
        step = _step(row.get(counting), counting, where)
        if last is not None and step <= last:
            raise refuse(
                f"{where}: {counting} {step:,} follows {last:,}. The rows must ascend by {counting}, without repeats."
            )
        last = step
        for name, cell in row.items():
            if name not in names:
                if name != counting:
                    content.note(name)
            elif (value := _number(cell, name, where)) is not None:
                content.series.setdefault(name, FileSeries()).add(step, value, where)
    if last is None:
        raise refuse("The file has a header but no rows.")


def _header(rows: Iterator[list[str]]) -> list[str]:
    header = [name.strip() for name in next(rows, [])]
    if not any(header):
        raise refuse("The file is empty. It must begin with a line that names its columns, as iteration,test_error.")
    if len(header) > MOST_COLUMNS:
        raise refuse(f"The file has {len(header):,} columns. At most {MOST_COLUMNS:,} are allowed.")
    twice = next((name for index, name in enumerate(header) if name and name in header[:index]), None)
    if twice is not None:
        raise refuse(f"Two columns are named {quoted(twice)}. Each column needs a name of its own.")
    return header


def _format_of(header: list[str]) -> FileFormat:
    return "wandb" if OF_WANDB & {*header} else "csv"


def _cells(rows: "_csv.Reader", width: int, used: list[tuple[int, str]]) -> Iterator[Row]:
    """Yields the cells that are used, by column: a table may have many others."""
    for cells in rows:
        if not cells:
            continue  # an empty line
        where = f"Line {rows.line_num:,}"
        if len(cells) != width:
            raise refuse(f"{where} has {len(cells):,} cells, but the header names {width:,} columns.")
        yield where, {name: cells[index] for index, name in used}


def _objects(file: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        where = f"Line {number:,}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise refuse(f"{where} is not a JSON object.") from error
        if not isinstance(row, dict):
            raise refuse(f"{where} is not a JSON object. Write one object per line, as to_json(lines=True) does.")
        yield where, row


def _chained(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _step_column(header: list[str], chosen: str | None) -> str:
    if chosen is not None:
        if chosen not in header:
            raise refuse(f"The file has no column {quoted(chosen)}. It has {_listed(header)}.")
        return chosen
    for name in STEP_COLUMNS:
        if name in header:
            return name
    raise refuse(
        f"The file has no column that counts iterations. It has {_listed(header)}. Name the column `iteration`, "
        "or say which one counts."
    )


def _step(cell: object, counting: str, where: str) -> int:
    value = _number(cell, counting, where)
    if value is None or value != int(value) or not 0 <= value <= LARGEST_STEP:
        raise refuse(f"{where}: {counting} must be a whole number, not {quoted('' if cell is None else cell)}.")
    return int(value)


def _number(cell: object, name: str, where: str) -> float | None:
    """None for a cell without a value. Raises Refused for text, NaN and infinity."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        value = math.nan if isinstance(cell, bool) else float(cell)  # type: ignore[arg-type]  # refused below
    except (TypeError, ValueError, OverflowError):
        raise refuse(f"{where}: {name} must be a number, or empty where there is none, not {quoted(cell)}.") from None
    if not math.isfinite(value):
        raise refuse(
            f"{where}: {name} is {quoted(cell)}. Leave it empty where nothing was measured; "
            "a run that diverged has no result."
        )
    return value


def _listed(names: list[str]) -> str:
    shown = ", ".join(quoted(name) for name in names[:12])
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12:,} more"
