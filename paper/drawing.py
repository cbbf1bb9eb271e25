"""Draws figures for print in the paper's typeface, as SVG, PDF or PNG: panels of lines with one legend.

matplotlib is imported with the first figure.
"""

import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from paper import labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Sheet
    from matplotlib.lines import Line2D

Format = Literal["svg", "pdf", "png"]
Numbers = Sequence[float]
# What an axis counts: numbers, a duration in seconds, or seconds since 1970.
Scale = Literal["number", "duration", "date"]

MEDIA_TYPES: Final[dict[Format, str]] = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
# Without a date, so that the same figure gives the same bytes.
METADATA: Final[dict[Format, dict[str, Any]]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
# Inches, except DPI: one panel with its legend, and each of several panels beside a legend.
WIDTH, HEIGHT, DPI = 7.2, 4.2, 200
PANEL_WIDTH, PANEL_HEIGHT, LEGEND_WIDTH, COLUMNS = 3.3, 3.1, 1.7, 3
NAME, LETTER = 30, 0.22  # of a line in the legend: its longest length in characters, its height in inches
TITLE_GAP = 6  # below a panel's title, points
FOOTNOTE, FOOT_LETTER, FOOT_SIZE = 17, 0.13, 7  # of footnotes: characters an inch, a line's height in inches, points
MIN_S, HOUR_S, DAY_S = 60, 3600, 86_400
DURATION_STEPS: Final = [
    1, 5, 15, 30, *(n * MIN_S for n in (1, 2, 5, 10, 15, 30)), *(n * HOUR_S for n in (1, 2, 3, 6, 12)),
    *(n * DAY_S for n in (1, 2, 5, 10, 20, 50, 100)),
]  # fmt: skip
LETTERS: Final[Any] = {  # Any: rc_context declares each of its 300 keys
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "Times New Roman", "Times"],
    "font.size": 10,
    "text.parse_math": False,  # a run may be called $x$
    "lines.scale_dashes": False,
    "legend.frameon": False,
    "legend.handlelength": 3,
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,  # as journals require
    "svg.hashsalt": "reslab",
}
# rcParams belong to the process, not to a thread.
_DRAWING: Final = Lock()


@dataclass(frozen=True)
class Style:
    """How a line looks. `dash` has the lengths of lines and gaps, `dots` the size of markers, both in points."""

    colour: str
    dash: tuple[float, ...] = ()
    width: float = 1.0
    dots: float = 0.0
    alpha: float = 1.0


# How a level is drawn, also in the legend.
LEVEL: Final = Style("black", labels.LEVEL_DASH, labels.LEVEL_WIDTH)


@dataclass(frozen=True)
class DrawnLine:
    """A curve. `band` has a lower and an upper edge. Nothing is drawn where a number is NaN.

    A line that isn't a `curve` stands behind one: its values before smoothing, or a member of a mean.
    """

    x: Numbers
    y: Numbers
    style: Style
    band: tuple[Numbers, Numbers] | None = None
    is_curve: bool = True


@dataclass(frozen=True)
class DrawnAxis:
    label: str
    ends: tuple[float, float]
    is_log: bool = False
    scale: Scale = "number"


@dataclass(frozen=True)
class Panel:
    """One diagram. `drops` are dashed vertical lines with a label, where the learning rate drops; `marks` are dotted,
    where something happened to the run; and `levels` are horizontal, such as a number that the paper prints. A level's
    name is in the legend, and its value beside the panel."""

    x: DrawnAxis
    y: DrawnAxis
    lines: Sequence[DrawnLine]
    drops: Sequence[tuple[float, str]] = ()
    title: str = ""
    levels: Sequence[tuple[float, str]] = ()
    marks: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Drawing:
    """Panels, one below the other, or beside each other with common axes (`is_row`).

    `legend` has a style for each name, None for a heading, and `note` explains the styles. `footnotes` stand below the
    panels: what the curves must be read with.
    """

    title: str
    panels: Sequence[Panel]
    legend: Sequence[tuple[str, Style | None]] = field(default=())
    note: str = ""
    footnotes: Sequence[str] = ()
    is_row: bool = False


def draw(figure: Drawing, form: Format) -> bytes:
    """The title goes into the file's metadata, because in print there is a caption."""
    file = io.BytesIO()
    with laid_out(figure) as sheet:
        sheet.savefig(file, format=form, dpi=DPI, metadata={"Title": figure.title} | METADATA[form])
    return file.getvalue()


@contextmanager
def laid_out(figure: Drawing) -> "Iterator[Sheet]":
    """The figure as a sheet of matplotlib's, whose settings hold inside."""
    import matplotlib as mpl

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs every table that it writes
    with _DRAWING, mpl.rc_context(LETTERS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # in a name; the viewer of an SVG may have it
        yield _sheet(figure)


def _sheet(figure: Drawing) -> "Sheet":
    from matplotlib.figure import Figure as Sheet

    names = [textwrap.fill(name, NAME) for name, _ in figure.legend]
    beside = LETTER * sum(name.count("\n") + 1 for name in [*names, figure.note, ""])
    rows, columns, width, height = _layout(figure)
    below = "\n".join(textwrap.fill(footnote, int(FOOTNOTE * width)) for footnote in figure.footnotes)
    height = max(height, beside) + FOOT_LETTER * (below.count("\n") + 1 if below else 0)
    sheet = Sheet(figsize=(width, height), layout="constrained")
    grid = sheet.subplots(rows, columns, squeeze=False, sharex=figure.is_row, sharey=figure.is_row).flat
    for number, axes in enumerate(grid):
        if number < len(figure.panels):
            _draw_panel(axes, figure.panels[number], number)
        else:
            axes.set_axis_off()
        if figure.is_row:
            axes.label_outer(remove_inner_ticks=False)
    _draw_legend(sheet, names, figure)
    if below:
        sheet.supxlabel(below, x=0.02, ha="left", fontsize=FOOT_SIZE)
    _label(sheet, figure)
    return sheet


def _label(sheet: "Sheet", figure: Drawing) -> None:
    """Writes titles and labels. Labels are placed in the final layout, which leaves room for them."""
    panels = list(zip(sheet.axes, figure.panels, strict=False))
    drops = [labels.drop_rows(axes, panel) for axes, panel in panels]
    for axes, panel in panels:
        axes.set_title(panel.title, pad=TITLE_GAP + labels.reserve(axes, panel))
    sheet.draw_without_rendering()
    sheet.set_layout_engine("none")
    for (axes, panel), rows in zip(panels, drops, strict=True):
        labels.draw(axes, panel, rows)


def _layout(figure: Drawing) -> tuple[int, int, float, float]:
    """Rows, columns, and the width and height in inches."""
    count = len(figure.panels)
    if not figure.is_row or count == 1:
        return count, 1, WIDTH, HEIGHT * count
    columns = 2 if count == 4 else min(count, COLUMNS)
    rows = -(-count // columns)
    return rows, columns, PANEL_WIDTH * columns + LEGEND_WIDTH, PANEL_HEIGHT * rows


def _draw_panel(axes: "Axes", panel: Panel, row: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for line in panel.lines:
        if line.band:
            axes.fill_between(line.x, *line.band, color=line.style.colour, alpha=0.15, linewidth=0)
    curves = 0
    for line in panel.lines:
        curve = axes.add_line(_line(line.x, line.y, line.style))
        if line.is_curve:  # so that it can be identified in an SVG
            curve.set_gid(f"curve-{row}-{curves}")
            curves += 1
    _draw_marks(axes, panel)
    axes.set(xlim=panel.x.ends, ylim=panel.y.ends, xlabel=panel.x.label, ylabel=panel.y.label)
    if panel.y.is_log:
        axes.set_yscale("log")
        _plain_powers(axes.yaxis)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    _scale_x(axes, panel.x)
    axes.grid(visible=True, axis="y", color="#bbbbbb", linewidth=0.5, linestyle=(0, (1, 3)))
    axes.set_axisbelow(True)


def _draw_marks(axes: "Axes", panel: Panel) -> None:
    """The lines of drops, marks and levels, behind the curves."""
    for lines, dash in ((panel.drops, (4, 3)), (panel.marks, (1, 3))):
        for at, _ in lines:
            axes.axvline(at, color="black", linewidth=0.6, linestyle=(0, dash), zorder=1)
    for at, _ in panel.levels:
        axes.axhline(at, color=LEVEL.colour, linewidth=LEVEL.width, linestyle=(0, LEVEL.dash))


def _scale_x(axes: "Axes", axis: DrawnAxis) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    if axis.is_log:
        axes.set_xscale("log")
        _plain_powers(axes.xaxis)
    elif axis.scale == "duration":
        span = (axis.ends[1] - axis.ends[0]) / 5
        axes.xaxis.set_major_locator(MultipleLocator(next((step for step in DURATION_STEPS if step >= span), span)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: duration(at)))
    elif axis.scale == "date":
        # matplotlib counts days since 1970.
        locator = AutoDateLocator(maxticks=6)  # type: ignore[no-untyped-call]  # matplotlib.dates has no types
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _plain_powers(axis: "Axis") -> None:
    """Writes 10 and 100 instead of powers in matplotlib's mathematics, which is off because a run may be called $x$."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:g}"))
    axis.set_minor_formatter(NullFormatter())


def duration(seconds: float) -> str:
    """The two largest units: 90 is "1 min 30 s", 93,600 is "1 d 2 h"."""
    left, parts = round(seconds), []
    for unit_s, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MIN_S, "min"), (1, "s")):
        count, left = divmod(left, unit_s)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts[:2]) or "0"


def _line(x: Numbers, y: Numbers, style: Style) -> "Line2D":
    from matplotlib.lines import Line2D

    return Line2D(
        x,
        y,
        color=style.colour,
        linewidth=style.width,
        linestyle=(0, style.dash) if style.dash else "-",
        marker="o" if style.dots else "",
        markersize=style.dots,
        alpha=style.alpha,
    )


def _draw_legend(sheet: "Sheet", names: Sequence[str], figure: Drawing) -> None:
    from matplotlib.text import Text

    if not names:
        return
    kinds = [
        _line([], [], style) if style else Text(text=name)
        for name, (_, style) in zip(names, figure.legend, strict=True)
    ]
    # The names are set afterwards, because matplotlib leaves out labels that begin with an underscore.
    legend = sheet.legend(
        kinds, ["?"] * len(kinds), loc="outside right upper", title=figure.note, alignment="left",
        handler_map={Text: _heading_handler()},
    )  # fmt: skip
    for text, name, (_, style) in zip(legend.get_texts(), names, figure.legend, strict=True):
        text.set_text(name if style else "")


def _heading_handler() -> Any:  # Any: a class of matplotlib, which is imported with the first figure
    """Writes a heading where the other entries have their lines."""
    from matplotlib.legend_handler import HandlerBase
    from matplotlib.text import Text

    class Heading(HandlerBase):
        def create_artists(self, _legend: Any, heading: Any, *box: Any) -> list[Text]:
            left, bottom, _width, _height, size, transform = box
            drawn = Text(-left, -bottom, heading.get_text(), fontsize=size, fontstyle="italic")
            drawn.set_transform(transform)
            return [drawn]

    return Heading()
