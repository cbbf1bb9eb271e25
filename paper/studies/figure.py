"""A study's curves as a figure in the style of Fig. 6: dashed lines are training error, bold lines test error.

Each line is the mean over the seeds.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from statistics import fmean
from typing import NamedTuple

from paper.drawing import Drawing, DrawnAxis, DrawnLine, Panel, Style
from paper.results import ErrorCurve
from paper.studies.member import StudyNetwork

# Distinguishable in print and by colour-blind readers (Okabe and Ito); the deepest network is black.
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#000000")
NOTE = "dashed: training\nbold: test"
# The share of training before which errors are too high for any scale.
SETTLED = 0.1


class MeanCurve(NamedTuple):
    """A mean curve, as points of iteration and error (percent)."""

    network: str
    is_test: bool
    points: tuple[tuple[float, float], ...]


def figure(networks: Sequence[StudyNetwork], title: str, notes: Sequence[str] = ()) -> Drawing:
    """The curves, with the number of seeds of each network. `notes` stand below: data, scale, departures, seeds."""
    means = [mean for network in networks for mean in _means(network) if mean.points]
    last = max((network.spec.iterations for network in networks), default=1)
    colours = colours_of(networks)
    x, unit = in_powers(last)
    lines = [_line(mean, colours[mean.network], unit) for mean in means]
    names = {network.label: f"{network.label}, {in_curves(network)}" for network in networks}
    panel = Panel(x, DrawnAxis("error (%)", (0, _top(means, last))), lines)
    return Drawing(title, [panel], legend(colours, names), NOTE, notes)


def in_curves(network: StudyNetwork) -> str:
    """2 of 3 seeds and 1 in training: runs in training count in the mean as far as they have come."""
    training = sum(member.state == "unfinished" for member in network.members)
    running = f" and {training} in training" if training else ""
    return f"{of_seeds(len(network.succeeded), network)}{running}"


def of_seeds(counted: int, network: StudyNetwork) -> str:
    return f"{counted} of {network.planned} seed{'' if network.planned == 1 else 's'}"


def in_powers(last: float, first: float = 0) -> tuple[DrawnAxis, float]:
    """The axis of iterations in the paper's form, in 1e4 if there are that many, and its unit in iterations."""
    power = 4 if last >= 10_000 else 3 if last >= 1000 else 0
    unit = 10.0**power
    return DrawnAxis(f"iter. (1e{power})" if power else "iter.", (first / unit, max(last, first + 1) / unit)), unit


def colours_of(networks: Sequence[StudyNetwork]) -> dict[str, str]:
    """The colour of each network, by label."""
    return {network.label: COLOURS[index % len(COLOURS)] for index, network in enumerate(networks)}


def legend(colours: dict[str, str], names: Mapping[str, str]) -> list[tuple[str, Style]]:
    """A line for each network. `names` are what they are called, by label."""
    return [(names[label], Style(colour, width=2)) for label, colour in colours.items()]


def _means(network: StudyNetwork) -> Iterator[MeanCurve]:
    results = [member.result for member in network.members if member.is_alive]
    training = _mean([run.train_errors for run in results if run.train_errors])
    test = _mean([run.test_errors for run in results if run.test_errors])
    yield MeanCurve(network.label, is_test=False, points=training)
    yield MeanCurve(network.label, is_test=True, points=test)


def _mean(curves: Sequence[ErrorCurve]) -> tuple[tuple[float, float], ...]:
    """The mean over the runs that have reached each point. Runs of one network have buckets of the same length."""
    columns = zip_longest(*(curve.means for curve in curves))
    return tuple(
        (curves[0].start + curves[0].every * number, fmean(error for error in column if error is not None))
        for number, column in enumerate(columns, 1)
    )


def _top(means: Sequence[MeanCurve], last: int) -> float:
    """The next multiple of 10 % above every error after the first tenth. Fig. 6 ends at 20 %."""
    errors = [error for mean in means for at, error in mean.points if at > SETTLED * last]
    return min(100.0, 10 * math.ceil(max(errors, default=20.0) / 10)) or 10.0


def _line(mean: MeanCurve, colour: str, unit: float) -> DrawnLine:
    style = Style(colour, width=2) if mean.is_test else Style(colour, dash=(5, 3))
    return DrawnLine([at / unit for at, _ in mean.points], [error for _, error in mean.points], style)
