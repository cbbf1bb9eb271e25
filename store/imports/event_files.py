"""Reads the scalars of a training's TensorBoard event files: records with checksums, each a protobuf `Event`.

A training that was stopped and resumed leaves a file each time. Scalars are written as `simple_value` (PyTorch,
TensorFlow 1) or as a tensor (TensorFlow 2). See https://github.com/tensorflow/tensorboard, compat/proto/event.proto,
summary.proto and tensor.proto.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from typing import IO, Final

from store.curves import tfrecords
from store.curves.tfrecords import CutRecord, DamagedRecord
from store.imports.content import FileContent, FileSeries, quoted, refuse

# An event may also hold a picture or a graph; those are skipped, but must be read to check their sum.
MOST_RECORD_BYTES: Final = 16 * 1024 * 1024
# Fields of Event, Summary, Summary.Value and TensorProto.
WALL_TIME, STEP, SUMMARY, VALUE, TAG, SIMPLE, TENSOR = 1, 2, 5, 1, 1, 2, 8
DTYPE, CONTENT, FLOATS, DOUBLES = 1, 4, 5, 6
FORMATS: Final = {1: "<f", 2: "<d"}  # DT_FLOAT, DT_DOUBLE


def read(files: Sequence[IO[bytes]], names: frozenset[str]) -> FileContent:
    """The files as one, in the order of their first events. Raises Refused with the record that is wrong."""
    *resumed, last = sorted(files, key=_begun_at)
    content = FileContent("tensorboard")
    for file in resumed:
        _continue(content, _read(file, names, may_be_cut=True))
    _continue(content, _read(last, names, may_be_cut=False))
    if not content.series and not content.others:
        raise refuse("These event files have no scalars." if resumed else "This event file has no scalars.")
    return content


def _begun_at(file: IO[bytes]) -> float:
    """The time of the first event, seconds; 0 for a file without one, which is refused when it is read."""
    try:
        first = next(tfrecords.records(file, MOST_RECORD_BYTES), b"")
        times = (value for field, value in tfrecords.fields(first) if field == WALL_TIME and isinstance(value, bytes))
        (seconds,) = struct.unpack("<d", next(times, bytes(8)))
    except (DamagedRecord, ValueError, struct.error):
        return 0.0
    finally:
        file.seek(0)
    return float(seconds) if math.isfinite(seconds) else 0.0


def _read(file: IO[bytes], names: frozenset[str], *, may_be_cut: bool) -> FileContent:
    """`may_be_cut`: the writer was stopped, perhaps in the middle of a record, and a later file continues it."""
    content = FileContent("tensorboard")
    try:
        for number, event in enumerate(tfrecords.records(file, MOST_RECORD_BYTES), 1):
            _add(content, event, names, f"Record {number:,}")
    except DamagedRecord as error:
        if not (may_be_cut and isinstance(error, CutRecord)):
            text = f"This event file is damaged: {error}. Copy it again once its writer has closed it."
            raise refuse(text) from error
    return content


def _continue(content: FileContent, later: FileContent) -> None:
    for name in later.others:
        content.note(name)
    for name, series in later.series.items():
        if name in content.series:
            content.series[name].continue_with(series, name)
        else:
            content.series[name] = series


def _add(content: FileContent, event: bytes, names: frozenset[str], where: str) -> None:
    try:
        scalars = list(_scalars(event))
    except ValueError as error:
        raise refuse(f"{where} is not an event of TensorBoard: {error}.") from error
    for tag, step, value in scalars:
        if tag not in names:
            content.note(tag)
        elif not math.isfinite(value):
            raise refuse(f"{where}: {quoted(tag)} is {value} at step {step:,}. A run that diverged has no result.")
        else:
            content.series.setdefault(tag, FileSeries()).add(step, value, f"{where}, {quoted(tag)}")


def _scalars(event: bytes) -> Iterator[tuple[str, int, float]]:
    """Yields tag, step and value of every scalar. Raises ValueError for bytes that are not an event."""
    parts = list(tfrecords.fields(event))
    step = next((value for field, value in parts if field == STEP and isinstance(value, int)), 0)
    if step >= 2**53:
        raise ValueError("its step is negative or too large")
    for field, summary in parts:
        if field != SUMMARY or isinstance(summary, int):
            continue
        for inner, value in tfrecords.fields(summary):
            if inner == VALUE and isinstance(value, bytes) and (scalar := _scalar(value)) is not None:
                yield scalar[0], step, scalar[1]


def _scalar(value: bytes) -> tuple[str, float] | None:
    """The tag and number of a Summary.Value; None for pictures, histograms and texts."""
    tag, number = None, None
    for field, part in tfrecords.fields(value):
        if field == TAG and isinstance(part, bytes):
            tag = part.decode("utf-8", "replace")
        elif field == SIMPLE and isinstance(part, bytes) and len(part) == 4:
            (number,) = struct.unpack("<f", part)
        elif field == TENSOR and isinstance(part, bytes):
            number = _of_tensor(part)
    return None if tag is None or number is None else (tag, number)


def _of_tensor(tensor: bytes) -> float | None:
    """The number of a tensor that holds exactly one float; None for any other tensor."""
    parts = dict(tfrecords.fields(tensor))
    layout = FORMATS.get(kind) if isinstance(kind := parts.get(DTYPE), int) else None
    packed = parts.get(CONTENT) or parts.get(FLOATS) or parts.get(DOUBLES)
    if layout is None or not isinstance(packed, bytes) or len(packed) != struct.calcsize(layout):
        return None
    number: float = struct.unpack(layout, packed)[0]
    return number
