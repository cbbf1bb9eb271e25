"""Responses with columns of numbers: JSON for scripts, and a binary form that a browser need not parse."""

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

JSON = "application/json"
BINARY = "application/vnd.reslab.columns"
# The types of the binary form; JavaScript has a typed array for each.
TYPES = {np.dtype("<f4"): "f4", np.dtype("<f8"): "f8", np.dtype("<i4"): "i4"}
ALIGNED = 8
Column = NDArray[np.generic]


def as_json(answer: object) -> bytes:
    """float32 as its shortest exact decimal; NaN, which JSON doesn't have, as null."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def as_binary(answer: object, alike: Iterable[Column] = ()) -> bytes:
    """The length of the JSON, the JSON, then the columns in byte planes; in the JSON a column is [type, offset, count].

    Offsets count from the start of the columns and are multiples of 8, as a typed array requires. Planes: the columns
    as 4-byte words, first the first bytes of all words, then their second bytes …, so that gzip finds the exponents
    side by side. `alike` lists columns of the answer in the order in which they resemble each other. Decision 21.
    """
    columns: list[bytes] = []
    offsets: dict[bytes, int] = {}
    offset = 0

    def put(column: Any) -> list[Any]:
        nonlocal offset
        if not isinstance(column, np.ndarray):
            raise TypeError(f"a {type(column).__name__} has no binary form")
        packed = column.astype("<i4") if column.dtype.kind == "i" else column
        content = packed.tobytes()
        if content not in offsets:  # runs on one grid share their iterations
            offsets[content] = offset
            columns.append(content.ljust(-len(content) % ALIGNED + len(content), b"\0"))
            offset += len(columns[-1])
        return [TYPES[packed.dtype], offsets[content], len(column)]

    for column in alike:
        put(column)
    head = orjson.dumps(answer, default=put)
    head = head.ljust(-(len(head) + 4) % ALIGNED + len(head))
    words = np.frombuffer(b"".join(columns), np.uint8).reshape(-1, 4)
    return b"".join([struct.pack("<I", len(head)), head, words.T.tobytes()])
