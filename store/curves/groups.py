"""Groups of runs as one curve: the mean, spread and count of the members in every bucket."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.curves.buckets import Curve, Window, curve, step_of
from store.curves.ends import Last
from store.curves.points import Doubles, Floats, Ints, Points
from store.curves.series import GroupField, Series
from store.db.models import Run
from trainer import tasks


@dataclass(frozen=True)
class Band:
    """A group's curve: in each bucket, over the `n` members with a point there, the mean of their means with its sample
    standard deviation and standard error (NaN for a single member), and the extremes of all their points."""

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
    last: Last | None = None


def key(run: Run, fields: Sequence[GroupField]) -> dict[str, str]:
    """Returns the values that a run's group is named by: equal for its members, and for no other run."""
    return {field: _value(run, field) for field in fields}


def _value(run: Run, field: GroupField) -> str:
    match field:
        case "spec":
            return _seedless(run)
        case "depth":
            return str(run.depth)
        case "shortcut":
            return run.shortcut
        case "dataset":
            return run.dataset
        case "project":
            return run.project
        case "name":
            return run.name


def _seedless(run: Run) -> str:
    spec = tasks.of({**run.spec, "seed": 0})
    known = spec.canonical_json()
    if run.origin is None:
        return f"{spec.name} on {spec.dataset}, {_short_hash(known)}"
    # What nobody said makes no two runs equal, so imports are never in one group with runs of this service.
    return f"{spec.name} on {spec.dataset}, imported, {_short_hash(known + ','.join(run.origin['unknown']))}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def band(members: Sequence[Points], series: Series, window: Window) -> Band:
    """Combines all members on one grid; where a member stops early, `n` falls."""
    step = max(step_of(member, series, window) for member in members)
    return combined([curve(member, series, window, step) for member in members])


def combined(curves: Sequence[Curve]) -> Band:
    """Combines the members' curves, which are on one grid."""
    grid = np.unique(np.concatenate([member.iteration for member in curves]))
    means = _aligned(grid, [(member.iteration, member.mean) for member in curves])
    least = _aligned(
        grid, [(member.iteration, member.mean if member.least is None else member.least) for member in curves]
    )
    most = _aligned(
        grid, [(member.iteration, member.mean if member.most is None else member.most) for member in curves]
    )
    smooth = [(member.iteration, member.smoothed) for member in curves if member.smoothed is not None]
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
        points=sum(member.points for member in curves),
    )


def _aligned(grid: Ints, columns: Sequence[tuple[Ints, Floats]]) -> Doubles:
    """Returns a row per member and a column per bucket; NaN where the member has no point."""
    rows = np.full((len(columns), len(grid)), np.nan)
    for row, (iteration, value) in zip(rows, columns, strict=True):
        row[np.searchsorted(grid, iteration)] = value
    return rows
