"""TFRecords with checksums, and the protobuf fields inside them: what TensorBoard's event files are made of.

https://www.tensorflow.org/tutorials/load_data/tfrecord and https://protobuf.dev/programming-guides/encoding.
"""

import struct
from collections.abc import Iterator
from typing import IO, Final

import crc32c

# The length and its checksum; the content's checksum follows the content.
HEAD_BYTES: Final = 12
CHECKSUM_BYTES: Final = 4


class DamagedRecord(Exception):
    """The file ends in the middle of a record, or a checksum doesn't match. Its text says which record."""


class CutRecord(DamagedRecord):
    """The file ends in the middle of a record, as one does whose writer was killed."""


# Fields of protobuf: number and type in a byte, then the value.
Field = tuple[int, int | bytes]


def record(content: bytes) -> bytes:
    """Returns a TFRecord: length, its checksum, content, its checksum."""
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def records(file: IO[bytes], most_bytes: int) -> Iterator[bytes]:
    """Yields the contents of a file's records. Raises DamagedRecord, also for a record of more than `most_bytes`."""
    number = 0
    while head := file.read(HEAD_BYTES):
        number += 1
        if len(head) < HEAD_BYTES:
            raise CutRecord(f"the file ends in the middle of record {number:,}")
        if _checksum(head[:8]) != head[8:]:
            raise DamagedRecord(f"the length of record {number:,} doesn't match its checksum")
        (length,) = struct.unpack("<Q", head[:8])
        if length > most_bytes:
            raise DamagedRecord(f"record {number:,} has {length:,} bytes, more than the {most_bytes:,} allowed")
        content = file.read(length)
        checksum = file.read(CHECKSUM_BYTES)
        if len(content) + len(checksum) < length + CHECKSUM_BYTES:
            raise CutRecord(f"the file ends in the middle of record {number:,}")
        if _checksum(content) != checksum:
            raise DamagedRecord(f"record {number:,} doesn't match its checksum")
        yield content


def double(field: int, value: float) -> bytes:
    return bytes([field << 3 | 1]) + struct.pack("<d", value)


def floating(field: int, value: float) -> bytes:
    return bytes([field << 3 | 5]) + struct.pack("<f", value)


def integer(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint(value)


def delimited(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def fields(message: bytes) -> Iterator[Field]:
    """Yields each field's number and value: bytes for a message, a text or a fixed-size number, otherwise an integer.

    Raises ValueError for bytes that are not a message.
    """
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        match key & 7:
            case 0:
                value, at = _read_varint(message, at)
                yield key >> 3, value
                continue
            case 1:
                size = 8
            case 5:
                size = 4
            case 2:
                size, at = _read_varint(message, at)
            case _:
                raise ValueError(f"field {key >> 3} has an unknown type")
        if at + size > len(message):
            raise ValueError(f"field {key >> 3} is cut short")
        yield key >> 3, message[at : at + size]
        at += size


def _checksum(content: bytes) -> bytes:
    """Returns the CRC-32C, rotated and masked, because the checksum of data with its checksum would be a constant."""
    crc = crc32c.crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """Returns the number and the position after it. A varint has at most ten bytes."""
    value = 0
    for position, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value, at + position + 1
    raise ValueError("a number is cut short")
