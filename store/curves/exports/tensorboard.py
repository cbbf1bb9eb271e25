"""Exports raw points as TensorBoard event files: TFRecords of protobuf `Event`s, encoded here as they have four fields.

https://www.tensorflow.org/tutorials/load_data/tfrecord and tensorboard/compat/proto/event.proto, summary.proto.
"""

import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

import crc32c
import numpy as np
from sqlalchemy.orm import Session

from store.curves import axes
from store.curves.exports.tables import blocks
from store.curves.series import Series
from store.db.models import Run


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
    yield record(_double(1, run.created_at.timestamp()) + _bytes(3, b"brain.Event:2"))
    for block in blocks(session, run):
        at = scale(block.iteration)
        for name, column in block.columns.items():
            exists = ~np.isnan(column)
            points = zip(at[exists].tolist(), block.iteration[exists].tolist(), column[exists].tolist(), strict=True)
            yield b"".join(_point(name, *point) for point in points)


def _point(name: Series, at: float, step: int, value: float) -> bytes:
    summary = _bytes(1, _bytes(1, name.encode()) + _float(2, value))
    return record(_double(1, at) + _integer(2, step) + _bytes(5, summary))


def record(content: bytes) -> bytes:
    """Returns a TFRecord: length, its checksum, content, its checksum."""
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _checksum(content: bytes) -> bytes:
    """Returns the CRC-32C, rotated and masked, because the checksum of data with its checksum would be a constant."""
    crc = crc32c.crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


# Fields of protobuf: number and type in a byte, then the value.
def _double(field: int, value: float) -> bytes:
    return bytes([field << 3 | 1]) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return bytes([field << 3 | 5]) + struct.pack("<f", value)


def _integer(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def _folder(run: Run) -> str:
    """Returns a unique name that is valid for a folder on every system."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', run.name).strip('.-') or 'run'}-{str(run.id)[-8:]}"
