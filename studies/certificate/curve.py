"""A run's raw curve as a file in NumPy's format, with a record for each logged iteration. `numpy.load` reads it."""

import io

import numpy as np
from numpy.lib import format as npy

from store.curves.points import Points

POINT = np.dtype([("iteration", "<i8"), ("loss", "<f4"), ("error", "<f4"), ("lr", "<f4")])


def pack(loss: Points, error: Points, lr: Points) -> bytes:
    """The file's bytes. The three series have the same iterations."""
    curve = np.empty(len(error.value), POINT)
    curve["iteration"] = error.iteration
    curve["loss"], curve["error"], curve["lr"] = loss.value, error.value, lr.value
    file = io.BytesIO()
    np.save(file, curve, allow_pickle=False)
    return file.getvalue()


def unpack(content: bytes) -> tuple[Points, Points, Points]:
    """The losses, the errors and the learning rates. Raises ValueError if the bytes are not such a file."""
    curve = records(content)
    iteration = curve["iteration"].copy()
    loss, error, lr = (Points(iteration, curve[name].copy()) for name in ("loss", "error", "lr"))
    return loss, error, lr


def records(content: bytes) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """The points, as an array of `POINT`. Raises ValueError if the bytes are not such a file."""
    file = io.BytesIO(content)
    if npy.read_magic(file) != (1, 0):
        raise ValueError("a curve is not in version 1.0 of NumPy's format")
    shape, _, dtype = npy.read_array_header_1_0(file)
    if dtype != POINT:
        raise ValueError(f"expected points of {POINT}, got {dtype}")
    # The header says how many points there are; numpy.load would allocate them before it reads the first.
    points = content[file.tell() :]
    if len(shape) != 1 or shape[0] * POINT.itemsize != len(points):
        raise ValueError(f"a curve of the shape {shape} has {len(points)} bytes")
    return np.frombuffer(points, POINT)
