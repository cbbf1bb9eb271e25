"""The responses of a study's networks as a figure in the style of Fig. 7: in the layers' order above, sorted below.

Each line is the mean over the seeds.
"""

from collections.abc import Sequence
from statistics import fmean

from paper.drawing import Axis, Figure, Line, Panel, Style
from paper.studies.figure import colours_of, legend
from paper.studies.member import Network

PANELS = (("layer index (original)", False), ("layer index (sorted by magnitude)", True))
# About where Fig. 7's axis ends.
USUAL = 3.0


def figure(networks: Sequence[Network], title: str) -> Figure:
    means = {network.label: _mean(network) for network in networks}
    layers = max(map(len, means.values()), default=0) or 1
    top = max([USUAL, *(value for values in means.values() for value in values)])
    colours = colours_of(networks)
    panels = [
        Panel(
            Axis(label, (0, layers)),
            Axis("std", (0, top)),
            [_line(values, colours[network], is_sorted=is_sorted) for network, values in means.items() if values],
        )
        for label, is_sorted in PANELS
    ]
    return Figure(title, panels, legend(colours))


def _mean(network: Network) -> tuple[float, ...]:
    """Of each layer; empty before any was examined."""
    found = [result.responses for result in network.ended_well if result.responses]
    return tuple(map(fmean, zip(*found, strict=True)))


def _line(values: Sequence[float], colour: str, *, is_sorted: bool) -> Line:
    shown = sorted(values, reverse=True) if is_sorted else list(values)
    return Line(range(1, len(shown) + 1), shown, Style(colour, width=1.6))
