"""Which curves a comparison shows: each run's name, panel and look, as the request says or as they are given out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from paper.drawing import Style
from paper.palette import COLOURS, DASHES, Member, Stroke, strokes
from paper.presets import Preset
from store.curves.series import Axis, Series
from store.db.models import Run
from store.imports.mark import is_unknown, marked
from trainer import tasks

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.buckets import Curve
    from store.curves.charts import Chart
    from store.curves.groups import Band

BOLD = 2.0  # points
MOST_PANELS = 6
KIND = "kind"  # plain or residual, which is no field of the specification


class Level(NamedTuple):
    """A horizontal line at an error in percent, in one panel or in all of them."""

    value: float
    label: str
    panel: int | None = None


@dataclass(frozen=True)
class View:
    """How the curves are shown. `strokes`, `panels` and `names` are per run; what is missing is chosen."""

    preset: Preset = "fig4"
    x: Axis = "iteration"
    split: str | None = None
    color: str | None = None
    strokes: Mapping[UUID, Stroke] = field(default_factory=dict)
    panels: Mapping[UUID, str] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    height: tuple[float, float] | None = None
    is_log_x: bool = False
    is_log_y: bool = False
    has_range: bool = False
    training: bool = True
    evaluation: bool = True
    smoothing: float = 0
    levels: Sequence[Level] = ()
    # Positions on the x axis, with labels. Without drops, those that all runs plan.
    drops: Sequence[tuple[float, str]] = ()
    marks: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Item:
    """The curves of one run, or of `n` runs that differ in the seed only."""

    run: Run
    n: int
    name: str
    panel: str
    stroke: Stroke
    series: "Mapping[Series, Curve | Band]"

    @property
    def is_detector(self) -> bool:
        return self.run.task == "detection"

    @property
    def has_val(self) -> bool:
        return len(self.series["val_map" if self.is_detector else "val_error"].mean) > 0

    def style(self, width: float = BOLD, dash: int = 0) -> Style:
        return Style(COLOURS[self.stroke.hue], DASHES[(self.stroke.dash + dash) % len(DASHES)], width)


def items_of(rows: Sequence[Run], read: "Chart", view: View) -> list[Item]:
    by_id, names = {row.id: row for row in rows}, _names(rows)
    named: list[tuple[UUID, int, str, Mapping[Series, Curve | Band]]] = [
        *((own.runs[0], len(own.runs), _mean_name(by_id, own.runs), own.series) for own in read.groups),
        *((own.run, 1, names[own.run], own.series) for own in read.runs),
    ]  # fmt: skip
    runs = [by_id[run] for run, *_ in named]
    panels = _panels(runs, view)
    order = list(dict.fromkeys(sorted(panels, key=_rank)))
    value = [_value(run, view, is_split=len(order) > 1) for run in runs]
    members = [Member(own, order.index(panel)) for own, panel in zip(value, panels, strict=True)]
    given = strokes(members, is_dash_training=view.preset != "free")
    items = [
        Item(by_id[run], n, view.names.get(run, name), panel, view.strokes.get(run, stroke), series)
        for (run, n, name, series), panel, stroke in zip(named, panels, given, strict=True)
    ]
    return sorted(items, key=lambda item: order.index(item.panel))


def _mean_name(by_id: Mapping[UUID, Run], runs: Sequence[UUID]) -> str:
    imported = sum(by_id[run].origin is not None for run in runs)
    count = f"n = {len(runs)}" + (f", {imported} imported" if imported else "")
    return f"{tasks.of(by_id[runs[0]].spec).name} ({count})"


def _panels(runs: Sequence[Run], view: View) -> list[str]:
    """The title of each run's panel."""
    if view.panels:
        return [view.panels.get(run.id, "") for run in runs]
    titles = [_title(run, view.split) for run in runs]
    return titles if len(set(titles)) <= MOST_PANELS else [""] * len(titles)


def _title(run: Run, split: str | None) -> str:
    if split is None:
        return ""
    if split == KIND:
        return "plain" if run.shortcut == "none" else "residual"
    if split == "shortcut" and run.shortcut == "none":
        return "plain"
    return f"{split.replace('_', ' ')} {run.spec.get(split)}"


def _rank(title: str) -> tuple[float, str]:
    number = re.search(r"[\d.]+$", title)
    return (float(number[0]) if number else 0, title)


def _value(run: Run, view: View, *, is_split: bool) -> str:
    """What a curve is coloured by: the run itself; in panels its depth, or its shortcut where the depth splits."""
    field_name = view.color or ("shortcut" if view.split == "depth" else "depth" if is_split else None)
    return str(run.spec.get(field_name)) if field_name else str(run.id)


def _names(rows: Sequence[Run]) -> dict[UUID, str]:
    """Distinct names: runs of the same name get their seed added, or the end of their id if the seeds are equal too."""
    names = {row.id: marked(row) for row in rows}
    for row in rows:
        alike = [other for other in rows if other.name == row.name and other.id != row.id]
        if alike:
            seed = row.spec["seed"]
            is_telling = not is_unknown(row, "seed") and all(other.spec["seed"] != seed for other in alike)
            names[row.id] += f", seed {seed}" if is_telling else f" …{str(row.id)[-4:]}"
    return names
