"""Draws figures for print in the paper's typeface, as SVG, PDF or PNG: panels of lines with one legend.

matplotlib is imported with the first figure.
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
# Without a date, so that the same figure gives the same bytes.
METADATA: Final[dict[Format, dict[str, Any]]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
WIDTH, HEIGHT, DPI = 7.2, 4.2, 200  # of a panel; inches, except DPI
NAME, LETTER = 30, 0.22  # of a line in the legend: its longest length in characters, its height in inches
FOOTNOTE, FOOT_LETTER, FOOT_SIZE = 125, 0.13, 7  # of footnotes: characters a line, a line's height in inches, points
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


@dataclass(frozen=True)
class DrawnLine:
    """A curve. `band` has a lower and an upper edge. Nothing is drawn where a number is NaN."""

    x: Numbers
    y: Numbers
    style: Style
    band: tuple[Numbers, Numbers] | None = None


@dataclass(frozen=True)
class DrawnAxis:
    label: str
    ends: tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One diagram. `drops` are dashed vertical lines with a label, where the learning rate drops."""

    x: DrawnAxis
    y: DrawnAxis
    lines: Sequence[DrawnLine]
    drops: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Drawing:
    """Panels, one below the other. `legend` has a style for each name, and `note` explains the styles.

    `footnotes` stand below the panels: what the curves must be read with.
    """

    title: str
    panels: Sequence[Panel]
    legend: Sequence[tuple[str, Style]] = field(default=())
    note: str = ""
    footnotes: Sequence[str] = ()


def draw(figure: Drawing, form: Format) -> bytes:
    """The title goes into the file's metadata, because in print there is a caption."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Sheet

    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs every table that it writes
    file = io.BytesIO()
    with _DRAWING, mpl.rc_context(LETTERS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # in a name; the viewer of an SVG may have it
        names = [textwrap.fill(name, NAME) for name, _ in figure.legend]
        beside = LETTER * sum(name.count("\n") + 1 for name in [*names, figure.note, ""])
        below = "\n".join(textwrap.fill(footnote, FOOTNOTE) for footnote in figure.footnotes)
        height = max(HEIGHT * len(figure.panels), beside) + FOOT_LETTER * (below.count("\n") + 1 if below else 0)
        sheet = Sheet(figsize=(WIDTH, height), layout="constrained")
        panel_axes = sheet.subplots(len(figure.panels), squeeze=False)[:, 0]
        for number, (axes, panel) in enumerate(zip(panel_axes, figure.panels, strict=True)):
            _draw_panel(axes, panel, number)
        _draw_legend(sheet, names, figure)
        if below:
            sheet.supxlabel(below, x=0.02, ha="left", fontsize=FOOT_SIZE)
        sheet.savefig(file, format=form, dpi=DPI, metadata={"Title": figure.title} | METADATA[form])
    return file.getvalue()


def _draw_panel(axes: "Axes", panel: Panel, row: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for number, line in enumerate(panel.lines):
        if line.band:
            axes.fill_between(line.x, *line.band, color=line.style.colour, alpha=0.15, linewidth=0)
        curve = axes.add_line(_line(line.x, line.y, line.style))
        curve.set_gid(f"curve-{row}-{number}")  # so that it can be identified in an SVG
    for at, text in panel.drops:
        axes.axvline(at, color="black", linewidth=0.6, linestyle=(0, (4, 3)))
        axes.annotate(text, (at, 1), xycoords=("data", "axes fraction"), xytext=(3, -10), textcoords="offset points")
    axes.set(xlim=panel.x.ends, ylim=panel.y.ends, xlabel=panel.x.label, ylabel=panel.y.label)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(visible=True, axis="y", color="#bbbbbb", linewidth=0.5, linestyle=(0, (1, 3)))
    axes.set_axisbelow(True)


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


def _draw_legend(sheet: "Sheet", names: Sequence[str], figure: Drawing) -> None:
    if not names:
        return
    kinds = [_line([], [], style) for _, style in figure.legend]
    # The names are set afterwards, because matplotlib leaves out labels that begin with an underscore.
    legend = sheet.legend(kinds, ["?"] * len(kinds), loc="outside right upper", title=figure.note)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
