"""Where a figure's labels stand: in the margins, so that none covers a curve, a curve's end or another label.

The dashboard places its labels by the same rules (`frontend/src/chart/canvas/labels.ts`).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from paper.drawing import Panel

# A label's size and the height of a row of labels, both in points; and the room that is left to its right.
SIZE, ROW, GAP = 8, 10, 3
DROP_ROWS, MARK_ROWS = 2, 2
LEVEL_DASH: Final = (9.0, 3.0, 2.0, 3.0)
LEVEL_WIDTH = 0.6
# Constrained layout leaves a panel at least this share of the width that it has before; the rest is for its numbers.
LEAST_SHARE = 0.75


class Box(NamedTuple):
    """In points from the lower left corner of the panel."""

    left: float
    bottom: float
    width: float
    height: float = ROW


class Label(NamedTuple):
    """A text in its box. `at` is where its line stands: across for upright lines, up for levels."""

    text: str
    at: float
    box: Box


def reserve(axes: "Axes", panel: "Panel") -> float:
    """Keeps the margins that the labels need free, by texts that `draw` removes. The height above the panel, points."""
    top = ROW * (drop_rows(axes, panel) + MARK_ROWS * bool(panel.marks))
    if top:
        _write(axes, Label(" ", 0, Box(0, top - ROW, 0)), (0, 1))
    if panel.levels:
        longest = max((f"{value:.2f}" for value, _ in panel.levels), key=len)
        _write(axes, Label(longest, 0, Box(ROW, 0, 0)), (1, 0))
    return top


def drop_rows(axes: "Axes", panel: "Panel") -> int:
    """The rows that the labels of drops need, as far as is known before the layout."""
    if not panel.drops:
        return 0
    width = LEAST_SHARE * _size(axes)[0]
    alone = in_rows(_across(axes, panel, panel.drops, width), width, rows=1, bottom=0)
    return 1 if len(alone) == len(panel.drops) else DROP_ROWS


def draw(axes: "Axes", panel: "Panel", drops: int) -> None:
    """Writes the labels, once the layout is final. `drops` is the number of rows that are reserved for drops."""
    for text in list(axes.texts):
        text.remove()
    width, height = _size(axes)
    upright = [
        *in_rows(_across(axes, panel, panel.drops, width), width, rows=drops, bottom=height),
        *in_rows(_across(axes, panel, panel.marks, width), width, rows=MARK_ROWS, bottom=height + drops * ROW),
    ]
    for label in upright:
        _write(axes, label)
    for label in at_levels(list(_up(axes, panel, height)), height):
        _write(axes, label._replace(box=label.box._replace(left=width + ROW)))
        _lead(axes, (width, label.at), (width + ROW - 1, label.box.bottom + ROW / 2))


def in_rows(lines: Sequence[tuple[float, str, float]], width: float, *, rows: int, bottom: float) -> list[Label]:
    """Labels of upright lines, given as (position, text, the text's width), in `rows` above `bottom`.

    Each begins at its line, or ends at the panel's edge or at its line, in the lowest row with room. Where there is no
    room in any row, the label is left out; its line still stands.
    """
    placed: list[Label] = []
    for at, text, length in lines:
        own = length + GAP
        lefts = (at, min(at, width - own), at - own)
        boxes = [Box(left, bottom + row * ROW, own) for row in range(rows) for left in lefts]
        inside = [box for box in boxes if box.left >= 0 and box.left + box.width <= width]
        free = next((box for box in inside if not any(overlap(box, other.box) for other in placed)), None)
        if free:
            placed.append(Label(text, at, free))
    return placed


def at_levels(levels: Sequence[tuple[float, str, float]], height: float) -> list[Label]:
    """Labels of levels, given as (position, text, the text's width), each at its level or as near as there is room.

    As many as there is room for, from the top.
    """
    most = int(height // ROW)
    levels = sorted(levels)[-most:] if most else []
    bottoms = spread([at - ROW / 2 for at, *_ in levels], ROW, (0, height))
    return [Label(text, at, Box(0, bottom, length)) for (at, text, length), bottom in zip(levels, bottoms, strict=True)]


def spread(positions: Sequence[float], gap: float, ends: tuple[float, float]) -> list[float]:
    """Sorted positions moved apart to at least `gap`, as little as possible, within the ends (isotonic regression)."""
    blocks: list[tuple[float, int]] = []  # sum and count
    for number, at in enumerate(positions):
        total, count = at - number * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    highest = ends[1] - len(positions) * gap
    means = [total / count for total, count in blocks for _ in range(count)]
    return [max(ends[0], min(mean, highest)) + number * gap for number, mean in enumerate(means)]


def overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.bottom < other.bottom + other.height
        and other.bottom < one.bottom + one.height
    )


def _size(axes: "Axes") -> tuple[float, float]:
    """The panel's width and height, points."""
    scale = 72 / axes.figure.dpi
    return axes.bbox.width * scale, axes.bbox.height * scale


def _across(
    axes: "Axes", panel: "Panel", lines: Sequence[tuple[float, str]], width: float
) -> list[tuple[float, str, float]]:
    transform = axes.xaxis.get_transform()
    low, high, *ats = transform.transform([*panel.x.ends, *(at for at, _ in lines)])
    return [
        (width * (at - low) / (high - low), text, _length(axes, text)) for at, (_, text) in zip(ats, lines, strict=True)
    ]


def _up(axes: "Axes", panel: "Panel", height: float) -> Iterator[tuple[float, str, float]]:
    transform = axes.yaxis.get_transform()
    for value, _ in panel.levels:
        low, high, at = transform.transform([*panel.y.ends, value])
        if low <= at <= high:
            text = f"{value:.2f}"
            yield height * (at - low) / (high - low), text, _length(axes, text)


def _length(axes: "Axes", text: str) -> float:
    """As on the screen, where letters take whole pixels: wider than in an SVG or PDF."""
    drawn = axes.text(0, 0, text, fontsize=SIZE)
    width = drawn.get_window_extent().width
    drawn.remove()
    return width * 72 / axes.figure.dpi


def _write(axes: "Axes", label: Label, corner: tuple[float, float] = (0, 0)) -> None:
    axes.annotate(
        label.text, corner, (label.box.left + GAP / 2, label.box.bottom + 2), xycoords="axes fraction",
        textcoords="offset points", fontsize=SIZE, annotation_clip=False,
    )  # fmt: skip


def _lead(axes: "Axes", start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line from a level's end to its label."""
    axes.annotate(
        "", start, end, xycoords=("axes points", "axes points"), textcoords=("axes points", "axes points"),
        arrowprops={"arrowstyle": "-", "linewidth": LEVEL_WIDTH, "shrinkA": 0, "shrinkB": 0}, annotation_clip=False,
    )  # fmt: skip
