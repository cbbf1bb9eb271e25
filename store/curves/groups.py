"""Runs that belong together, as one curve: mean, spread and count of their members in every bucket."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.curves.buckets import Curve, Window, curve, step_of
from store.curves.points import Doubles, Floats, Ints, Points
from store.curves.series import GroupField, Series
from store.db.models import Run
from trainer.spec import RunSpec


@dataclass(frozen=True)
class Band:
    """Over the members that have a point in a bucket, `n` of them: the mean of their means, its sample standard
    deviation and standard error (NaN for one member alone), and the extremes of all of their points."""

    iteration: Ints
    n: Ints
    mean: Floats
    std: Floats
    sem: Floats
    least: Floats
    most: Floats
    smoothed: Floats | None
    points: int
    x: Doubles | None = None


def key(run: Run, fields: Sequence[GroupField]) -> dict[str, str]:
    """What a run's group is called: equal for the members, and for nobody else."""
    return {field: _seedless(run) if field == "spec" else str(getattr(run, field)) for field in fields}


def _seedless(run: Run) -> str:
    spec = RunSpec.model_validate({**run.spec, "seed": 0})
    return f"{spec.name} on {spec.dataset}, {hashlib.sha256(spec.canonical_json().encode()).hexdigest()[:8]}"


def band(members: Sequence[Points], series: Series, window: Window) -> Band:
    """Every member counts, on one grid; where one stops early, `n` falls."""
    step = max(step_of(member, series, window) for member in members)
    return combined([curve(member, series, window, step) for member in members])


def combined(curves: Sequence[Curve]) -> Band:
    """Curves of one grid, of one member each."""
    grid = np.unique(np.concatenate([told.iteration for told in curves]))
    means = _aligned(grid, [(told.iteration, told.mean) for told in curves])
    least = _aligned(grid, [(told.iteration, told.mean if told.least is None else told.least) for told in curves])
    most = _aligned(grid, [(told.iteration, told.mean if told.most is None else told.most) for told in curves])
    smooth = [(told.iteration, told.smoothed) for told in curves if told.smoothed is not None]
    n = np.count_nonzero(~np.isnan(means), axis=0)
    mean = np.nansum(means, axis=0) / n
    squares = np.nansum((means - mean) ** 2, axis=0)
    std = np.sqrt(np.divide(squares, n - 1, out=np.full(len(grid), np.nan), where=n > 1))
    return Band(
        iteration=grid,
        n=n,
        mean=mean.astype(np.float32),
        std=std.astype(np.float32),
        sem=(std / np.sqrt(n)).astype(np.float32),
        least=np.fmin.reduce(least, axis=0).astype(np.float32),
        most=np.fmax.reduce(most, axis=0).astype(np.float32),
        smoothed=(np.nansum(_aligned(grid, smooth), axis=0) / n).astype(np.float32) if smooth else None,
        points=sum(told.points for told in curves),
    )


def _aligned(grid: Ints, columns: Sequence[tuple[Ints, Floats]]) -> Doubles:
    """A row a member, a column a bucket; NaN where the member has no point."""
    rows = np.full((len(columns), len(grid)), np.nan)
    for row, (iteration, value) in zip(rows, columns, strict=True):
        row[np.searchsorted(grid, iteration)] = value
    return rows
