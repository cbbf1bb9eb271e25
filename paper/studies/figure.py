"""A study's curves as an SVG in the style of Fig. 6: dashed lines are training error, bold ones test error.

Each line is the mean over the seeds. Written by hand: two axes and some paths need no library in a server.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import zip_longest
from statistics import fmean
from typing import NamedTuple

from paper.results import ErrorCurve
from paper.studies.member import Network

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 56, 190, 16, 48
# Told apart on paper and by the colour-blind (Okabe and Ito), the deepest in black.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#000000")
# What comes before, is off every scale.
SETTLED = 0.1


class Line(NamedTuple):
    """Points of a mean curve: iterations and errors, percent."""

    network: str
    is_test: bool
    points: tuple[tuple[float, float], ...]


def svg(networks: Sequence[Network], title: str) -> str:
    lines = [line for network in networks for line in _lines(network) if line.points]
    last = max((network.spec.iterations for network in networks), default=1)
    top = _top(lines, last)
    colours = colours_of(networks)
    paths = (_path(line, colours[line.network], last, top) for line in lines)
    x, y = WIDTH - RIGHT + 12, TOP + 30 + 20 * len(networks)
    styles = f'<text x="{x}" y="{y}" font-size="12">dashed: training, bold: test</text>'
    return whole(title, HEIGHT, [*_axes(last, top), *paths, *legend(colours), styles])


def whole(title: str, height: int, drawn: Iterable[str]) -> str:
    """The SVG around what was drawn, in the paper's letters."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"',
        'font-family="Times New Roman, Times, serif" font-size="14">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    return "\n".join([*parts, *drawn, "</svg>"]) + "\n"


def colours_of(networks: Sequence[Network]) -> dict[str, str]:
    """By label."""
    return {network.label: COLOURS[place % len(COLOURS)] for place, network in enumerate(networks)}


def legend(colours: dict[str, str]) -> Iterator[str]:
    x = WIDTH - RIGHT + 12
    for place, (label, colour) in enumerate(colours.items()):
        y = TOP + 14 + 20 * place
        yield f'<path d="M{x} {y - 5}h24" stroke="{colour}" stroke-width="2.4"/>'
        yield f'<text x="{x + 30}" y="{y}">{escape(label)}</text>'


def _lines(network: Network) -> Iterator[Line]:
    results = [member.result for member in network.members if member.ended != "badly"]
    yield Line(network.label, is_test=False, points=_mean([run.train_errors for run in results if run.train_errors]))
    yield Line(network.label, is_test=True, points=_mean([run.test_errors for run in results if run.test_errors]))


def _mean(curves: Sequence[ErrorCurve]) -> tuple[tuple[float, float], ...]:
    """Over those that have come so far; runs of one network have buckets of one length."""
    columns = zip_longest(*(curve.means for curve in curves))
    return tuple(
        (curves[0].start + curves[0].every * place, fmean(error for error in column if error is not None))
        for place, column in enumerate(columns, 1)
    )


def _top(lines: Sequence[Line], last: int) -> float:
    """Ten points' multiple above everything after the first tenth; Fig. 6 ends at 20 %."""
    errors = [error for line in lines for at, error in line.points if at > SETTLED * last]
    return min(100.0, 10 * math.ceil(max(errors, default=20.0) / 10)) or 10.0


def _axes(last: int, top: float) -> Iterator[str]:
    power = math.floor(math.log10(last)) if last >= 1000 else 0
    for tick in _ticks(last / 10**power):
        x = _x(tick * 10**power, last)
        yield f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v5" stroke="black"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{tick:g}</text>'
    for tick in _ticks(top):
        y = _y(tick, top)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#bbb" stroke-dasharray="1 3"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{tick:g}</text>'
    yield (
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}" fill="none" '
        'stroke="black"/>'
    )
    unit = f" (1e{power})" if power else ""
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">iter.{unit}</text>'
    yield f'<text transform="translate(16 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">error (%)</text>'


def _ticks(end: float) -> list[float]:
    """About five round steps from nought on."""
    rough = end / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
    return [step * place for place in range(math.floor(end / step + 1e-9) + 1)]


def _path(line: Line, colour: str, last: int, top: float) -> str:
    shown = [(at, error) for at, error in line.points if error <= top]
    points = "L".join(f"{_x(at, last):.1f} {_y(error, top):.1f}" for at, error in shown)
    style = 'stroke-width="2.4"' if line.is_test else 'stroke-width="1" stroke-dasharray="5 3"'
    return f'<path d="M{points}" fill="none" stroke="{colour}" {style}/>' if shown else ""


def _x(iteration: float, last: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * iteration / last


def _y(error: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * error / top
