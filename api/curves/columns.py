"""Answers with columns of numbers: JSON for people and scripts, and a binary form that a browser need not parse."""

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

JSON = "application/json"
BINARY = "application/vnd.reslab.columns"
# Of the types that the binary form knows; JavaScript has an array for each.
TYPES = {np.dtype("<f4"): "f4", np.dtype("<f8"): "f8", np.dtype("<i4"): "i4"}
ALIGNED = 8
Column = NDArray[np.generic]


def as_json(answer: object) -> bytes:
    """float32 as its shortest exact decimal; NaN, which JSON has not, as null."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def as_binary(answer: object, alike: Iterable[Column] = ()) -> bytes:
    """The length of the JSON, the JSON, then the columns in byte planes; in the JSON a column is [type, offset, count].

    Offsets count from the columns' start, and all are multiples of 8, as a typed array over them asks for. Planes: the
    columns as 4-byte words, the first bytes of all words, then all second ones …, so that gzip finds the exponents side
    by side. `alike` are columns of the answer in the order in which they resemble each other. Decision 21.
    """
    columns: list[bytes] = []
    places: dict[bytes, int] = {}
    offset = 0

    def put(column: Any) -> list[Any]:
        nonlocal offset
        if not isinstance(column, np.ndarray):
            raise TypeError(f"{type(column)} cannot travel")
        packed = column.astype("<i4") if column.dtype.kind == "i" else column
        content = packed.tobytes()
        if content not in places:  # the iterations of a grid are those of every run on it
            places[content] = offset
            columns.append(content.ljust(-len(content) % ALIGNED + len(content), b"\0"))
            offset += len(columns[-1])
        return [TYPES[packed.dtype], places[content], len(column)]

    for column in alike:
        put(column)
    told = orjson.dumps(answer, default=put)
    told = told.ljust(-(len(told) + 4) % ALIGNED + len(told))
    words = np.frombuffer(b"".join(columns), np.uint8).reshape(-1, 4)
    return b"".join([struct.pack("<I", len(told)), told, words.T.tobytes()])
