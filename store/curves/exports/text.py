"""Exports raw points as CSV and JSON. Numbers are written as their shortest exact decimals."""

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np
import orjson
from sqlalchemy.orm import Session

from store.curves import points
from store.curves.exports.tables import blocks, series_of
from store.curves.points import Floats, Ints
from store.db.models import Run
from store.imports.mark import marked

# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_parts(session: Session, runs: Sequence[Run], *, named: bool) -> Iterator[bytes]:
    """Yields a header, then a line per iteration, empty where a series has no point; `named` adds id and name."""
    series = series_of(runs)
    yield _line(["run", "name"] if named else [], ["iteration", *series])
    for run in runs:
        lead = _line([str(run.id), inert(marked(run))], [""])[:-1].decode() if named else ""
        for block in blocks(session, run, series):
            columns = [_cells(block.iteration), *map(_cells, block.columns.values())]
            yield "".join(f"{lead}{','.join(row)}\n" for row in zip(*columns, strict=True)).encode()


def json_parts(session: Session, runs: Sequence[Run]) -> Iterator[bytes]:
    """Yields a list with an entry per run; each series has its own iterations."""
    for number, run in enumerate(runs):
        series_points = points.read(session, [run.id], series_of([run]), 1, max(run.iteration, 1))
        series = {
            name: {"iteration": column.iteration, "value": column.value} for (_, name), column in series_points.items()
        }
        entry = {"run": run.id, "name": run.name, "origin": run.origin, "spec": run.spec, "series": series}
        yield (b",\n" if number else b"[") + orjson.dumps(entry, option=orjson.OPT_SERIALIZE_NUMPY)
    yield b"]\n"


def inert(text: str) -> str:
    """Returns a user's text as a cell that no spreadsheet evaluates."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(lead: list[str], cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([*lead, *cells])
    return line.getvalue().encode()


def _cells(column: Ints | Floats) -> list[str]:
    # orjson writes a whole column at once, 60 times as fast as str() of every value (measured).
    written = orjson.dumps(np.ascontiguousarray(column), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode()
    return written.replace("null", "").split(",") if written else []
