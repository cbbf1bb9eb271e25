"""The responses of a study's networks as a figure in the style of Fig. 7: in layer order above, sorted below.

Each line is the mean over the seeds.
"""

from collections.abc import Sequence
from statistics import fmean

from paper.drawing import Drawing, DrawnAxis, DrawnLine, Panel, Style
from paper.studies.figure import colours_of, legend, of_seeds
from paper.studies.member import StudyNetwork

PANELS = (("layer index (original)", False), ("layer index (sorted by magnitude)", True))
# Roughly the end of Fig. 7's axis.
USUAL = 3.0


def figure(networks: Sequence[StudyNetwork], title: str, notes: Sequence[str] = ()) -> Drawing:
    """The responses, with the number of seeds of each network. `notes` stand below: data, scale, departures, seeds."""
    means = {network.label: _mean(network) for network in networks}
    layers = max(map(len, means.values()), default=0) or 1
    top = max([USUAL, *(value for values in means.values() for value in values)])
    colours = colours_of(networks)
    panels = [
        Panel(
            DrawnAxis(label, (0, layers)),
            DrawnAxis("std", (0, top)),
            [_line(values, colours[network], is_sorted=is_sorted) for network, values in means.items() if values],
        )
        for label, is_sorted in PANELS
    ]
    names = {network.label: f"{network.label}, {of_seeds(len(_responses(network)), network)}" for network in networks}
    return Drawing(title, panels, legend(colours, names), footnotes=notes)


def _mean(network: StudyNetwork) -> tuple[float, ...]:
    """The mean response of each layer; empty before any have been measured."""
    return tuple(map(fmean, zip(*_responses(network), strict=True)))


def _responses(network: StudyNetwork) -> list[tuple[float, ...]]:
    return [result.responses for result in network.succeeded if result.responses]


def _line(values: Sequence[float], colour: str, *, is_sorted: bool) -> DrawnLine:
    shown = sorted(values, reverse=True) if is_sorted else list(values)
    return DrawnLine(range(1, len(shown) + 1), shown, Style(colour, width=1.6))
