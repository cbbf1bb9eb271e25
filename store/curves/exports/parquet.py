"""Exports raw points as Parquet, through arro3 (12 MB; pyarrow is 55). An extra, as few installations need it."""

import math
from collections.abc import Sequence
from typing import IO

import numpy as np
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet
from sqlalchemy.orm import Session

from store.curves.exports.tables import Block, blocks, series_of
from store.curves.points import Floats
from store.curves.series import EVALUATION_SERIES, NamedSeries, Series
from store.db.models import Run
from store.imports.mark import marked


def write(session: Session, runs: Sequence[Run], file: IO[bytes]) -> None:
    """Writes a row per run and iteration, null where a series has no point. Keeps one block of rows in memory."""
    series = series_of(runs)
    schema = _schema(series)
    batches = (_batch(run, block, schema) for run in runs for block in blocks(session, run, series))
    write_parquet(RecordBatchReader.from_batches(schema, batches), file, compression="zstd(3)")


def _kind(name: Series) -> DataType:
    return DataType.float64() if name in EVALUATION_SERIES else DataType.float32()


def _schema(series: Sequence[NamedSeries]) -> Schema:
    return Schema(
        [
            Field("run", DataType.utf8(), nullable=False),
            Field("name", DataType.utf8(), nullable=False),
            Field("iteration", DataType.int64(), nullable=False),
            *(Field(name, _kind(name), nullable=True) for name in series),
        ]
    )


def _batch(run: Run, block: Block, schema: Schema) -> RecordBatch:
    count = len(block.iteration)
    columns = [
        Array([str(run.id)] * count, DataType.utf8()),
        Array([marked(run)] * count, DataType.utf8()),
        Array.from_numpy(block.iteration),
        *(_column(name, column) for name, column in block.columns.items()),
    ]
    return RecordBatch.from_arrays(columns, schema=schema)


def _column(name: Series, values: Floats) -> Array:
    if not np.isnan(values).any():
        return Array.from_numpy(values)
    return Array([None if math.isnan(value) else value for value in values.tolist()], _kind(name))
