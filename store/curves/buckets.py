"""Curves for a screen: min, max and mean of buckets on an absolute power-of-two grid, down to the raw points.

Bucket b of step s has the iterations b·s+1 … (b+1)·s, whatever the window: the buckets of a running and an ended run
agree, and a full bucket never changes. No extreme is ever lost.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from store.curves import points
from store.curves.ends import Last
from store.curves.points import Doubles, Floats, Ints, Points
from store.curves.series import EVALUATION_SERIES, SMOOTHED, Series


@dataclass(frozen=True)
class Window:
    """Iterations `first` … `last` in at most `points` buckets; `smoothing` in [0, 1) is the weight of the past."""

    first: int
    last: int
    points: int = 1200
    smoothing: float = 0

    @property
    def step(self) -> int:
        """The least power of two that covers the window with `points` buckets."""
        step = 1
        while (self.last - 1) // step - (self.first - 1) // step + 1 > self.points:
            step *= 2
        return step

    @property
    def borders(self) -> tuple[int, int]:
        """The window's first and last iteration, widened to whole buckets: a cut bucket would have other values."""
        step = self.step
        return (self.first - 1) // step * step + 1, ((self.last - 1) // step + 1) * step


@dataclass(frozen=True)
class Curve:
    """One series of a run, as columns. `iteration` is each bucket's first, or the point's own if no bucket has two.

    `least` and `most` are then None. `points` counts the raw points. `last` doesn't depend
    on the window.
    """

    iteration: Ints
    mean: Floats
    least: Floats | None
    most: Floats | None
    smoothed: Floats | None
    points: int
    x: Doubles | None = None  # `iteration` on another axis
    last: Last | None = None


def raw(session: Session, runs: Sequence[UUID], series: Sequence[Series], window: Window) -> dict[points.Key, Points]:
    """Reads the points that `curve` needs. Smoothing begins at a series' start, so that zooming doesn't change it."""
    first, last = window.borders
    smoothed = [name for name in series if window.smoothing and name in SMOOTHED]
    plain = [name for name in series if name not in smoothed]
    series_points = points.read(session, runs, smoothed, 1, last) | points.read(session, runs, plain, first, last)
    return {(run, name): series_points[run, name] for run in runs for name in series}


def curve(series_points: Points, series: Series, window: Window, step: int | None = None) -> Curve:
    """Returns the curve of one series. With a `step`, even single points lie at the start of their buckets."""
    shown = series_points.between(*window.borders)
    smoothed = None
    if window.smoothing and series in SMOOTHED:
        smoothed = smooth(series_points.value, window.smoothing)[len(series_points.value) - len(shown.value) :]
    return bucketed(shown, smoothed, step or step_of(series_points, series, window), on_grid=step is not None)


def step_of(series_points: Points, series: Series, window: Window) -> int:
    """Returns the window's step, or 1 for evaluations, which go into buckets only if there are many."""
    few = series in EVALUATION_SERIES and len(series_points.between(*window.borders).value) <= window.points
    return 1 if few else window.step


def bucketed(series_points: Points, smoothed: Floats | None, step: int, *, on_grid: bool = False) -> Curve:
    """Puts points into the buckets of the absolute grid, without empty buckets."""
    iteration, value = series_points.iteration, series_points.value
    first, starts, sizes = _buckets(iteration, step)
    if len(first) == len(value):
        return Curve(first if on_grid else iteration, value, None, None, smoothed, len(value))
    return Curve(
        iteration=first,
        mean=_means(value, starts, sizes),
        least=np.minimum.reduceat(value, starts),
        most=np.maximum.reduceat(value, starts),
        smoothed=None if smoothed is None else _means(smoothed, starts, sizes),
        points=len(value),
    )


def _buckets(iteration: Ints, step: int) -> tuple[Ints, Ints, Ints]:
    """Returns each non-empty bucket's first iteration, the index of its first point, and its number of points."""
    if not len(iteration):
        return iteration, iteration, iteration
    first = np.arange((iteration[0] - 1) // step, (iteration[-1] - 1) // step + 1) * step + 1
    # Looks up the borders among the points: dividing each point's iteration takes 20 times as long (measured).
    starts = np.searchsorted(iteration, first)
    sizes = np.diff(starts, append=len(iteration))
    return first[sizes > 0], starts[sizes > 0], sizes[sizes > 0]


def _means(value: Floats, starts: Ints, sizes: Ints) -> Floats:
    means: Floats = (np.add.reduceat(value, starts, dtype=np.float64) / sizes).astype(value.dtype)
    return means


def with_short_means(shown: Curve) -> Curve:
    """Rounds means to 14 bits instead of 24, a part in 16,000: a tenth less to send, and still finer than a screen.

    Points and extremes stay exact, and every mean stays between its extremes.
    """
    if shown.least is None or shown.most is None or shown.mean.dtype != np.float32:
        return shown
    halfway = (shown.mean.view(np.uint32) + np.uint32(0x200)) & np.uint32(0xFFFFFC00)
    return replace(shown, mean=np.clip(halfway.view(np.float32), shown.least, shown.most))


def with_digits(shown: Curve, digits: int) -> Curve:
    """Rounds the values to significant digits, and the extremes outwards, so that the range still holds every point."""
    rounded = replace(shown, mean=_rounded(shown.mean, digits, np.round))
    if shown.smoothed is not None:
        rounded = replace(rounded, smoothed=_rounded(shown.smoothed, digits, np.round))
    if shown.least is None or shown.most is None:
        return rounded
    return replace(rounded, least=_rounded(shown.least, digits, np.floor), most=_rounded(shown.most, digits, np.ceil))


def _rounded(value: Floats, digits: int, way: Callable[[Doubles], Doubles]) -> Floats:
    exact, most = value.astype(np.float64), np.finfo(value.dtype).max
    is_finite = np.isfinite(exact)
    unit = 10.0 ** (np.floor(np.log10(np.where(is_finite & (exact != 0), np.abs(exact), 1.0))) - digits + 1)
    shown = way(np.round(exact / unit, 6)) * unit  # rounded before: 0.3 / 0.01 is a little less than 30
    rounded: Floats = np.where(is_finite, np.clip(shown, -most, most), exact).astype(value.dtype)
    return rounded


def smooth(value: Floats, weight: float) -> Floats:
    """Returns the exponential moving average, debiased like Adam's moments; `weight` in [0, 1) is the past's."""
    if weight == 0 or not len(value):
        return value
    # y_i = (1-w)·Σ w^(i-k)·x_k as a running sum, in blocks short enough that w^-i stays exact in float64.
    block = min(max(1, int(16 / -math.log(weight))), len(value))
    powers = weight ** np.arange(1, block + 1)
    out, carried = np.empty(len(value)), 0.0
    for start in range(0, len(value), block):
        part = value[start : start + block]
        decay = powers[: len(part)]
        out[start : start + block] = decay * (carried + (1 - weight) * np.cumsum(part / decay))
        carried = float(out[start + len(part) - 1])
    debiased: Floats = (out / (1 - weight ** np.arange(1, len(value) + 1))).astype(np.float32)
    return debiased
