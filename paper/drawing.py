"""Figures for print in the paper's letters, as SVG, PDF or PNG: panels of lines, and one legend beside them.

matplotlib draws; it is loaded with the first figure.
"""

import io
import logging
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Sheet
    from matplotlib.lines import Line2D

Format = Literal["svg", "pdf", "png"]
Numbers = Sequence[float]

MEDIA_TYPES: Final[dict[Format, str]] = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
# Without a date: the same figure is the same bytes.
METADATA: Final[dict[Format, dict[str, Any]]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
WIDTH, HEIGHT, DPI = 7.2, 4.2, 200  # inches; of a panel
NAME, LETTER = 30, 0.22  # of a line in the legend: the most letters, and its height in inches
LETTERS: Final[Any] = {  # any: rc_context wants its 300 keys named one by one
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "Times New Roman", "Times"],
    "font.size": 10,
    "text.parse_math": False,  # a run may be called $x$
    "lines.scale_dashes": False,
    "legend.frameon": False,
    "legend.handlelength": 3,
    "svg.fonttype": "none",  # text stays text,
    "pdf.fonttype": 42,  # as journals ask
    "svg.hashsalt": "reslab",
}
# rcParams are the process's, not the thread's.
_ONE_AT_A_TIME: Final = Lock()


@dataclass(frozen=True)
class Style:
    """`dash` in points of line and gap, `dots` is their size in points: one point alone makes no line."""

    colour: str
    dash: tuple[float, ...] = ()
    width: float = 1.0
    dots: float = 0.0


@dataclass(frozen=True)
class Line:
    """`band` has its lower and its upper edge. Where a number is NaN nothing is drawn."""

    x: Numbers
    y: Numbers
    style: Style
    band: tuple[Numbers, Numbers] | None = None


@dataclass(frozen=True)
class Axis:
    label: str
    ends: tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """`drops` are dashed verticals with their text: the learning rate falls there."""

    x: Axis
    y: Axis
    lines: Sequence[Line]
    drops: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Figure:
    """Panels below each other. `legend` has a style for each name, `note` says what the kinds of line are."""

    title: str
    panels: Sequence[Panel]
    legend: Sequence[tuple[str, Style]] = field(default=())
    note: str = ""


def draw(figure: Figure, form: Format) -> bytes:
    """The title is in the file's metadata: in print there is a caption."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Sheet

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table that it writes
    file = io.BytesIO()
    with _ONE_AT_A_TIME, mpl.rc_context(LETTERS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # of a name: an SVG's reader may have it
        names = [textwrap.fill(name, NAME) for name, _ in figure.legend]
        beside = LETTER * sum(name.count("\n") + 1 for name in [*names, figure.note, ""])
        sheet = Sheet(figsize=(WIDTH, max(HEIGHT * len(figure.panels), beside)), layout="constrained")
        places = sheet.subplots(len(figure.panels), squeeze=False)[:, 0]
        for number, (place, panel) in enumerate(zip(places, figure.panels, strict=True)):
            _draw_panel(place, panel, number)
        _draw_legend(sheet, names, figure)
        sheet.savefig(file, format=form, dpi=DPI, metadata={"Title": figure.title} | METADATA[form])
    return file.getvalue()


def _draw_panel(place: "Axes", panel: Panel, row: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for number, line in enumerate(panel.lines):
        if line.band:
            place.fill_between(line.x, *line.band, color=line.style.colour, alpha=0.15, linewidth=0)
        curve = place.add_line(_line(line.x, line.y, line.style))
        curve.set_gid(f"curve-{row}-{number}")  # to be found in an SVG
    for at, text in panel.drops:
        place.axvline(at, color="black", linewidth=0.6, linestyle=(0, (4, 3)))
        place.annotate(text, (at, 1), xycoords=("data", "axes fraction"), xytext=(3, -10), textcoords="offset points")
    place.set(xlim=panel.x.ends, ylim=panel.y.ends, xlabel=panel.x.label, ylabel=panel.y.label)
    place.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    place.grid(visible=True, axis="y", color="#bbbbbb", linewidth=0.5, linestyle=(0, (1, 3)))
    place.set_axisbelow(True)


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
    )


def _draw_legend(sheet: "Sheet", names: Sequence[str], figure: Figure) -> None:
    if not names:
        return
    kinds = [_line([], [], style) for _, style in figure.legend]
    # Written afterwards: what begins with an underscore would be left out.
    legend = sheet.legend(kinds, ["?"] * len(kinds), loc="outside right upper", title=figure.note)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
