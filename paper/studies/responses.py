"""The responses of a study's networks as an SVG in the style of Fig. 7: in the layers' order above, sorted below.

Each line is the mean over the seeds.
"""

from collections.abc import Iterator, Sequence
from statistics import fmean

from paper.studies.figure import BOTTOM, LEFT, RIGHT, TOP, WIDTH, colours_of, legend, whole
from paper.studies.member import Network

PANEL = 240
PANELS = (("layer index (original)", False), ("layer index (sorted by magnitude)", True))
# About where Fig. 7's axis ends.
USUAL = 3.0


def svg(networks: Sequence[Network], title: str) -> str:
    means = {network.label: _mean(network) for network in networks}
    layers = max(map(len, means.values()), default=0) or 1
    top = max([USUAL, *(value for values in means.values() for value in values)])
    colours = colours_of(networks)
    drawn: list[str] = []
    for nth, (label, is_sorted) in enumerate(PANELS):
        y = TOP + nth * (PANEL + BOTTOM)
        drawn += _axes(y, layers, top, label)
        for network, values in means.items():
            shown = sorted(values, reverse=True) if is_sorted else list(values)
            drawn.append(_path(shown, colours[network], y, (layers, top)))
    return whole(title, TOP + len(PANELS) * (PANEL + BOTTOM), [*drawn, *legend(colours)])


def _mean(network: Network) -> tuple[float, ...]:
    """Of each layer; empty before any was examined."""
    found = [result.responses for result in network.ended_well if result.responses]
    return tuple(map(fmean, zip(*found, strict=True)))


def _axes(y: float, layers: int, top: float, label: str) -> Iterator[str]:
    width = WIDTH - LEFT - RIGHT
    yield f'<rect x="{LEFT}" y="{y}" width="{width}" height="{PANEL}" fill="white" stroke="black"/>'
    for tick in range(int(top) + 1):
        at = y + PANEL * (1 - tick / top)
        yield f'<text x="{LEFT - 8}" y="{at + 5:.1f}" text-anchor="end">{tick}</text>'
    for tick in range(0, layers + 1, 20 if layers > 40 else 5):
        yield f'<text x="{LEFT + width * tick / layers:.1f}" y="{y + PANEL + 18}" text-anchor="middle">{tick}</text>'
    yield f'<text x="{LEFT + width / 2:.0f}" y="{y + PANEL + 38}" text-anchor="middle">{label}</text>'
    yield f'<text transform="translate(16 {y + PANEL / 2:.0f}) rotate(-90)" text-anchor="middle">std</text>'


def _path(values: Sequence[float], colour: str, y: float, ends: tuple[int, float]) -> str:
    layers, top = ends
    width = WIDTH - LEFT - RIGHT
    points = "L".join(
        f"{LEFT + width * place / layers:.1f} {y + PANEL * (1 - value / top):.1f}"
        for place, value in enumerate(values, 1)
    )
    return f'<path d="M{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>' if values else ""
