"""A chart: the curves of many runs, alone or in groups, on one grid and one axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from store.curves import axes, buckets, ends, groups
from store.curves.axes import Scale
from store.curves.buckets import Curve, Window
from store.curves.ends import Ends
from store.curves.groups import Band
from store.curves.points import Floats, Key, Points
from store.curves.series import Axis, GroupField, Series
from store.db.errors import Refused
from store.db.models import Attempt, Run

__all__ = ["ChartQuery", "Window", "longest", "read"]


@dataclass(frozen=True)
class ChartQuery:
    window: Window
    series: Sequence[Series]
    x: Axis = "iteration"
    group_by: Sequence[GroupField] = ()


@dataclass(frozen=True)
class AttemptStart:
    number: int
    resumed_from: int
    started_at: datetime


@dataclass(frozen=True)
class RunCurves:
    run: UUID
    attempts: list[AttemptStart]
    series: dict[Series, Curve]


@dataclass(frozen=True)
class GroupCurves:
    """The runs that are equal in the fields of the grouping."""

    group: dict[str, str]
    runs: list[UUID]
    series: dict[Series, Band]


@dataclass(frozen=True)
class Chart:
    first: int
    last: int
    step: int
    runs: list[RunCurves] = field(default_factory=list)
    groups: list[GroupCurves] = field(default_factory=list)


def longest(runs: Sequence[Run]) -> int:
    """Returns the end of the default window: planned iterations, so that the grid stays fixed while runs train."""
    return max((run.iterations for run in runs), default=1)


def read(session: Session, runs: Sequence[Run], query: ChartQuery) -> Chart:
    """Reads a chart. Raises Refused if a group's runs have no common x axis of this kind."""
    window = query.window
    blank = Chart(window.first, window.last, window.step)
    scales = axes.scales(session, runs, query.x) if query.x != "iteration" else {}
    read = _Read(
        buckets.raw(session, [run.id for run in runs], query.series, window),
        ends.read(session, runs, query.series),
        scales,
    )
    if query.group_by:
        return replace(blank, groups=_groups(runs, query, read))
    attempts = axes.starts(session, [run.id for run in runs])
    return replace(blank, runs=[_run(run, attempts[run.id], query, read) for run in runs])


def with_short_means(chart: Chart) -> Chart:
    """Rounds the means of the runs' curves for a screen (`buckets.with_short_means`). Bands don't change."""
    return _each_curve(chart, buckets.with_short_means)


def with_digits(chart: Chart, digits: int) -> Chart:
    """Rounds the runs' curves to significant digits (`buckets.with_digits`). Bands don't change."""
    return _each_curve(chart, lambda curve: buckets.with_digits(curve, digits))


def without_range(chart: Chart) -> Chart:
    """Leaves the extremes of the runs' buckets out: two thirds of what is sent. Bands keep theirs."""
    return _each_curve(chart, lambda curve: replace(curve, least=None, most=None))


def _each_curve(chart: Chart, change: Callable[[Curve], Curve]) -> Chart:
    runs = [replace(run, series={name: change(curve) for name, curve in run.series.items()}) for run in chart.runs]
    return replace(chart, runs=runs)


def columns_by_kind(chart: Chart) -> list[Floats]:
    """Returns the columns of all curves, with columns of one kind next to each other."""
    kinds: dict[tuple[Series, int], list[Floats]] = {}
    for run in chart.runs:
        for name, curve in run.series.items():
            for number, column in enumerate((curve.mean, curve.least, curve.most, curve.smoothed)):
                if column is not None:
                    kinds.setdefault((name, number), []).append(column)
    return [column for kind in kinds.values() for column in kind]


@dataclass(frozen=True)
class _Read:
    """What the database holds about the runs of a chart."""

    points: dict[Key, Points]
    ends: Ends
    scales: dict[UUID, Scale]


def _run(run: Run, attempts: list[Attempt], query: ChartQuery, read: _Read) -> RunCurves:
    curves = {
        name: replace(buckets.curve(read.points[run.id, name], name, query.window), last=read.ends.get((run.id, name)))
        for name in query.series
    }
    if scale := read.scales.get(run.id):
        curves = {name: replace(curve, x=scale(curve.iteration)) for name, curve in curves.items()}
    return RunCurves(
        run.id, [AttemptStart(start.number, start.resumed_from, start.started_at) for start in attempts], curves
    )


def _groups(runs: Sequence[Run], query: ChartQuery, read: _Read) -> list[GroupCurves]:
    members: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        members.setdefault(tuple(groups.key(run, query.group_by).values()), []).append(run)
    return [_group(own, query, read) for own in members.values()]


def _group(runs: list[Run], query: ChartQuery, read: _Read) -> GroupCurves:
    ids = [run.id for run in runs]
    bands = {
        name: replace(
            groups.band([read.points[run, name] for run in ids], name, query.window),
            last=ends.of_group(read.ends, ids, name),
        )
        for name in query.series
    }
    if scale := _shared(query.x, runs, read.scales):
        bands = {name: replace(band, x=scale(band.iteration)) for name, band in bands.items()}
    return GroupCurves(groups.key(runs[0], query.group_by), ids, bands)


def _shared(axis: Axis, runs: list[Run], scales: dict[UUID, Scale]) -> Scale | None:
    """Returns the members' common scale. They have one if each iteration is the same number of images or epochs."""
    if axis == "iteration":
        return None
    own = {scales[run.id] for run in runs}
    if len(own) > 1:
        raise Refused("x", f"x must be iteration, not {axis}, as the runs of a group have no common axis.")
    return own.pop()
