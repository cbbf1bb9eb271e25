"""A study's curves as a figure in the style of Fig. 6: dashed lines are training error, bold ones test error.

Each line is the mean over the seeds.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from statistics import fmean
from typing import NamedTuple

from paper.drawing import Axis, Figure, Line, Panel, Style
from paper.results import ErrorCurve
from paper.studies.member import Network

# Told apart on paper and by the colour-blind (Okabe and Ito), the deepest in black.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#000000")
NOTE = "dashed: training\nbold: test"
# What comes before, is off every scale.
SETTLED = 0.1


class Mean(NamedTuple):
    """Points of a mean curve: iterations and errors, percent."""

    network: str
    is_test: bool
    points: tuple[tuple[float, float], ...]


def figure(networks: Sequence[Network], title: str) -> Figure:
    means = [mean for network in networks for mean in _means(network) if mean.points]
    last = max((network.spec.iterations for network in networks), default=1)
    colours = colours_of(networks)
    x, unit = in_powers(last)
    lines = [_line(mean, colours[mean.network], unit) for mean in means]
    return Figure(title, [Panel(x, Axis("error (%)", (0, _top(means, last))), lines)], legend(colours), NOTE)


def in_powers(last: float, first: float = 0) -> tuple[Axis, float]:
    """The axis of iterations as the paper has it, in 1e4 where there are so many, and what one of it is."""
    power = 4 if last >= 10_000 else 3 if last >= 1000 else 0
    unit = 10.0**power
    return Axis(f"iter. (1e{power})" if power else "iter.", (first / unit, max(last, first + 1) / unit)), unit


def colours_of(networks: Sequence[Network]) -> dict[str, str]:
    """By label."""
    return {network.label: COLOURS[place % len(COLOURS)] for place, network in enumerate(networks)}


def legend(colours: dict[str, str]) -> list[tuple[str, Style]]:
    return [(label, Style(colour, width=2)) for label, colour in colours.items()]


def _means(network: Network) -> Iterator[Mean]:
    results = [member.result for member in network.members if member.ended != "badly"]
    yield Mean(network.label, is_test=False, points=_mean([run.train_errors for run in results if run.train_errors]))
    yield Mean(network.label, is_test=True, points=_mean([run.test_errors for run in results if run.test_errors]))


def _mean(curves: Sequence[ErrorCurve]) -> tuple[tuple[float, float], ...]:
    """Over those that have come so far; runs of one network have buckets of one length."""
    columns = zip_longest(*(curve.means for curve in curves))
    return tuple(
        (curves[0].start + curves[0].every * place, fmean(error for error in column if error is not None))
        for place, column in enumerate(columns, 1)
    )


def _top(means: Sequence[Mean], last: int) -> float:
    """Ten points' multiple above everything after the first tenth; Fig. 6 ends at 20 %."""
    errors = [error for mean in means for at, error in mean.points if at > SETTLED * last]
    return min(100.0, 10 * math.ceil(max(errors, default=20.0) / 10)) or 10.0


def _line(mean: Mean, colour: str, unit: float) -> Line:
    style = Style(colour, width=2) if mean.is_test else Style(colour, dash=(5, 3))
    return Line([at / unit for at, _ in mean.points], [error for _, error in mean.points], style)
