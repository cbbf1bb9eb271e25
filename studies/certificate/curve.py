"""A run's raw curve as a file in NumPy's format, with a record for each logged iteration. `numpy.load` reads it."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.lib import format as npy

from store.curves.points import Points

Curve = np.ndarray[tuple[int], np.dtype[np.void]]
POINT = np.dtype([("iteration", "<i8"), ("loss", "<f4"), ("error", "<f4"), ("lr", "<f4")])


# A detector's, in the order of its series.
DETECTION_POINT = np.dtype([
    ("iteration", "<i8"), ("loss", "<f4"), ("rpn_class_loss", "<f4"), ("rpn_box_loss", "<f4"), ("class_loss", "<f4"),
    ("box_loss", "<f4"), ("foreground", "<f4"), ("lr", "<f4"),
])  # fmt: skip


def pack_detection(series: Sequence[Points]) -> bytes:
    """The file's bytes. The series have the same iterations and the order of `DETECTION_POINT`."""
    assert DETECTION_POINT.names is not None  # noqa: S101 (for mypy: it has names)
    curve = np.empty(len(series[0].value), DETECTION_POINT)
    for name, values in zip(DETECTION_POINT.names, (series[0].iteration, *(own.value for own in series)), strict=True):
        curve[name] = values
    return _written(curve)


def pack(loss: Points, error: Points, lr: Points) -> bytes:
    """The file's bytes. The three series have the same iterations."""
    curve = np.empty(len(error.value), POINT)
    curve["iteration"] = error.iteration
    curve["loss"], curve["error"], curve["lr"] = loss.value, error.value, lr.value
    return _written(curve)


def _written(curve: Curve) -> bytes:
    file = io.BytesIO()
    np.save(file, curve, allow_pickle=False)
    return file.getvalue()


def unpack(content: bytes) -> tuple[Points, Points, Points]:
    """The losses, the errors and the learning rates. Raises ValueError if the bytes are not such a file."""
    curve = records(content)
    iteration = curve["iteration"].copy()
    loss, error, lr = (Points(iteration, curve[name].copy()) for name in ("loss", "error", "lr"))
    return loss, error, lr


def records(content: bytes, point: "np.dtype[np.void]" = POINT) -> Curve:
    """The points, as an array of `point`. Raises ValueError if the bytes are not such a file."""
    file = io.BytesIO(content)
    if npy.read_magic(file) != (1, 0):
        raise ValueError("a curve is not in version 1.0 of NumPy's format")
    shape, _, dtype = npy.read_array_header_1_0(file)
    if dtype != point:
        raise ValueError(f"expected points of {point}, got {dtype}")
    # The header says how many points there are; numpy.load would allocate them before it reads the first.
    points = content[file.tell() :]
    if len(shape) != 1 or shape[0] * point.itemsize != len(points):
        raise ValueError(f"a curve of the shape {shape} has {len(points)} bytes")
    return np.frombuffer(points, point)
