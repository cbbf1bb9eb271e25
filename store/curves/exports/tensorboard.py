"""Exports raw points as TensorBoard event files: protobuf `Event`s, encoded here as they have four fields.

For the records and their fields, see `store.curves.tfrecords`.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np
from sqlalchemy.orm import Session

from store.curves import axes
from store.curves.exports.tables import blocks, series_of
from store.curves.series import Series
from store.curves.tfrecords import delimited, double, floating, integer, record
from store.db.models import Run
from store.imports.mark import marked


def write(session: Session, runs: Sequence[Run], file: IO[bytes]) -> None:
    """Writes a zip with a folder per run, as `tensorboard --logdir` expects."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for run in runs:
            created = int(run.created_at.timestamp())
            with archive.open(f"{_folder(run)}/events.out.tfevents.{created}.reslab", "w", force_zip64=True) as events:
                for part in records(session, run):
                    events.write(part)


def records(session: Session, run: Run) -> Iterator[bytes]:
    """Yields the version, which readers expect first, then the points, one series of a block after the other.

    A part takes about a tenth of a second to write, so that the idle database session isn't ended meanwhile.
    """
    scale = axes.scales(session, [run], "wall_time")[run.id]
    yield record(double(1, run.created_at.timestamp()) + delimited(3, b"brain.Event:2"))
    for block in blocks(session, run, series_of([run])):
        at = scale(block.iteration)
        for name, column in block.columns.items():
            exists = ~np.isnan(column)
            points = zip(at[exists].tolist(), block.iteration[exists].tolist(), column[exists].tolist(), strict=True)
            yield b"".join(_point(name, *point) for point in points)


def _point(name: Series, at: float, step: int, value: float) -> bytes:
    summary = delimited(1, delimited(1, name.encode()) + floating(2, value))
    return record(double(1, at) + integer(2, step) + delimited(5, summary))


def _folder(run: Run) -> str:
    """Returns a unique name that is valid for a folder on every system."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', marked(run)).strip('.-') or 'run'}-{str(run.id)[-8:]}"
