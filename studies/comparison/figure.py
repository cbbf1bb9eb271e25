"""The curves of any runs as a drawing for print: side by side in panels, in the form of Fig. 4 or Fig. 6, or free.

Whatever the request leaves out is chosen as the dashboard chooses it; the dashboard itself sends what is on its screen.
Of detectors, the mAP is drawn in the place of the error.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from paper.drawing import LEVEL, Drawing, DrawnAxis, DrawnLine, Panel, Scale, Style
from paper.presets import main_error, printed_figure
from paper.studies.figure import in_powers
from store.curves.series import Axis, Series
from store.db.models import Run
from store.imports.mark import is_unknown
from studies.comparison.curves import BOLD, Item, View, items_of
from studies.comparison.sentences import is_printed, note, sentences
from trainer import tasks
from trainer.schedule import planned_drops

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.buckets import Curve
    from store.curves.charts import Chart
    from store.curves.groups import Band

SERIES: Final[dict[tasks.Task, tuple[Series, ...]]] = {
    "classification": ("train_error", "val_error", "test_error"),
    "detection": ("val_map", "test_map"),
}
# As in the dashboard: a line of few evaluations shows them as dots.
THIN, DOTTED = 0.8, 20
SETTLED = 0.25  # the share of the axis before which errors are too high for any scale
DAY_S = 86_400
LABELS: Final[dict[Axis, str]] = {
    "epoch": "epochs", "images": "training images", "wall_time": "time (UTC)", "relative_time": "time since the start",
    "device_seconds": "device time",
}  # fmt: skip


def drawing(rows: Sequence[Run], read: "Chart", view: View) -> Drawing:
    """The figure of these runs' curves, which says its data, scale and number of runs."""
    items = items_of(rows, read, view)
    titles = list(dict.fromkeys(item.panel for item in items))
    lines = {title: [line for item in items if item.panel == title for line in _lines(item, view)] for title in titles}
    drawn = [line for own in lines.values() for line in own]
    x, unit = _width(read, drawn, view)
    height = view.height or _height(rows, drawn, view, (x.ends[0] * unit, x.ends[1] * unit))
    quantity = "mAP (%)" if items[0].is_detector else "error (%)"
    y = DrawnAxis(quantity, (max(height[0], 0.1), height[1]) if view.is_log_y else height, view.is_log_y)
    drops = _within(x, unit, view.drops or _drops(rows, items, view))
    marks = _within(x, unit, view.marks)
    panels = [
        Panel(x, y, [_in_units(line, unit) for line in lines[title]], drops, title, _levels(view, number), marks)
        for number, title in enumerate(titles)
    ]
    return Drawing(
        title=", ".join(item.name for item in items),
        panels=panels,
        legend=list(_legend(items, titles, view)),
        note=note(items, view),
        footnotes=[" ".join(sentences(rows, items, read, view))],
        is_row=len(panels) > 1,
    )


def _lines(item: Item, view: View) -> Iterator[DrawnLine]:
    """Training thin or dashed; validation bold, or test in Fig. 6 and for a run without a validation split."""
    if item.is_detector:
        yield from _line(_bold(item), item.style(), view)
        return
    bold = main_error(has_validation=item.has_val, preset=view.preset)
    printed = printed_figure(view.preset)
    if view.training:
        dash = 1 if printed and printed.training == "dashed" else 0
        yield from _line(item.series["train_error"], item.style(THIN, dash), view)
    if view.evaluation:
        yield from _line(item.series[bold], item.style(), view)


def _bold(item: Item) -> "Curve | Band":
    """A detector's mAP: on its validation images or, without any, on its test images."""
    return item.series["val_map" if item.has_val else "test_map"]


def _line(curve: "Curve | Band", style: Style, view: View) -> Iterator[DrawnLine]:
    from store.curves.groups import Band

    x = (curve.iteration if curve.x is None else curve.x).tolist()
    y = curve.mean if curve.smoothed is None else curve.smoothed
    if curve.smoothed is not None and not isinstance(curve, Band):
        yield DrawnLine(x, curve.mean.tolist(), replace(style, dash=(), width=0.5, alpha=0.25), is_curve=False)
    if style.width == BOLD and len(y) < DOTTED:
        style = replace(style, dots=2 * BOLD)
    band = ((y - curve.std).tolist(), (y + curve.std).tolist()) if isinstance(curve, Band) else None
    if view.has_range and band is None and curve.least is not None and curve.most is not None:
        band = (curve.least.tolist(), curve.most.tolist())
    yield DrawnLine(x, y.tolist(), style, band)


def _width(read: "Chart", lines: Sequence[DrawnLine], view: View) -> tuple[DrawnAxis, float]:
    """The x axis, and its unit: iterations in powers of ten, days for dates."""
    if view.x == "iteration":
        axis, unit = in_powers(read.last, read.first - 1)
        return replace(axis, is_log=view.is_log_x, ends=_positive(axis.ends, view, 1 / unit)), unit
    ends = [at for line in lines for at in (line.x[0], line.x[-1]) if len(line.x)] if lines else []
    is_date = view.x == "wall_time"
    unit = DAY_S if is_date else 1
    low = min(ends, default=0) if is_date or read.first > 1 else 0
    scale: Scale = "date" if is_date else "duration" if view.x in ("relative_time", "device_seconds") else "number"
    span = (low / unit, max([*ends, low + 1]) / unit)
    return DrawnAxis(LABELS[view.x], _positive(span, view, span[1] / 1000), view.is_log_x, scale), unit


def _positive(ends: tuple[float, float], view: View, least: float) -> tuple[float, float]:
    return (max(ends[0], least), ends[1]) if view.is_log_x else ends


def _in_units(line: DrawnLine, unit: float) -> DrawnLine:
    return line if unit == 1 else replace(line, x=[at / unit for at in line.x])


def _within(x: DrawnAxis, unit: float, marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    low, high = x.ends
    return [(at / unit, text) for at, text in marks if low <= at / unit <= high]


def _height(
    rows: Sequence[Run], lines: Sequence[DrawnLine], view: View, ends: tuple[float, float]
) -> tuple[float, float]:
    """The printed range on the figure's own data; elsewhere whole tens around the errors after the first tenth."""
    printed = printed_figure(view.preset)
    errors = [y for line in lines for y in line.y if not math.isnan(y)]
    if printed is None or printed.y is None or rows[0].task == "detection":
        return 0, min(1.04 * max(errors, default=100.0), 100.0) or 1.0
    if is_printed(rows, view):
        return printed.y.low, printed.y.high
    start = ends[0] + SETTLED * (ends[1] - ends[0])
    settled = [
        y for line in lines for at, y in zip(line.x, line.y, strict=True) if at >= start and not math.isnan(y)
    ] or errors
    high = min(100.0, max(10.0, 10 * math.ceil(max(settled, default=100.0) / 10)))
    low = 10.0 * math.floor(min(settled, default=0.0) / 10) if printed.y.low else 0.0
    return min(low, high - 10), high


def _drops(rows: Sequence[Run], items: Sequence[Item], view: View) -> list[tuple[float, str]]:
    """The learning-rate drops that all runs plan, where they lie on the x axis."""
    specs = [tasks.of(row.spec) for row in rows]
    if any(is_unknown(row, "schedule", "lr") for row in rows):
        return []
    planned = [[(drop.iteration, drop.lr) for drop in planned_drops(spec)] for spec in specs]
    shared = sorted(set(planned[0]).intersection(*planned[1:]))
    rates = [specs[0].lr, *(rate for _, rate in shared)]
    texts = [f"lr {before:.3g} → {rate:.3g}" for before, (_, rate) in zip(rates, shared, strict=False)]
    curve = _bold(items[0]) if items[0].is_detector else items[0].series["train_error"]
    at = [_position(iteration, curve, view) for iteration, _ in shared]
    return [(x, text) for x, text in zip(at, texts, strict=True) if x is not None]


def _position(iteration: int, curve: "Curve | Band", view: View) -> float | None:
    if view.x == "iteration":
        return iteration
    if curve.x is None or not len(curve.iteration):
        return None
    if view.x in ("epoch", "images"):
        return float(curve.x[-1] / curve.iteration[-1] * iteration)
    after = curve.iteration.searchsorted(iteration)
    return float(curve.x[after]) if after < len(curve.x) else None


def _levels(view: View, panel: int) -> list[tuple[float, str]]:
    return [(level.value, level.label) for level in view.levels if level.panel in (None, panel)]


def _legend(items: Sequence[Item], titles: Sequence[str], view: View) -> Iterator[tuple[str, Style | None]]:
    for number, title in enumerate(titles):
        if title:
            yield title, None
        yield from ((item.name, item.style()) for item in items if item.panel == title)
        yield from ((name, LEVEL) for _, name in _levels(view, number))
