"""A run's raw curve as a file in NumPy's format, with a record for each logged iteration. `numpy.load` reads it."""

import io

import numpy as np

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


def unpack(content: bytes) -> tuple[Points, Points]:
    """The errors and the learning rates. Raises ValueError if the bytes are not such a file."""
    curve = np.load(io.BytesIO(content), allow_pickle=False)
    if curve.dtype != POINT:
        raise ValueError(f"expected points of {POINT}, got {curve.dtype}")
    iteration = curve["iteration"]
    return Points(iteration, curve["error"].copy()), Points(iteration, curve["lr"].copy())
