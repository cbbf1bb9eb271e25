"""Gives out the colours and dashes of a figure within the set of curves that it shows, so that no two look the same.

The dashboard's colours (frontend/src/chart/look.ts) and its rule (hues.ts).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

# Eight hues that stay apart with every kind of colour vision, each at least 3:1 against white.
COLOURS: Final = ("#2b45cd", "#b81608", "#087d54", "#ad8c1b", "#850f58", "#1a98d9", "#f5508a", "#1e201b")
# Lengths of lines and gaps, in points.
DASHES: Final = ((), (8.0, 4.0), (2.0, 3.0), (10.0, 3.0, 2.0, 3.0))
# Our choice: a depth has one colour everywhere. Meant to resemble Fig. 4 and Fig. 6; their colours were not measured.
PREFERRED: Final = {
    "18": 5, "20": 3, "32": 5, "34": 1, "44": 2, "50": 2, "56": 1, "101": 4, "110": 7, "152": 7, "1202": 0,
}  # fmt: skip


class Stroke(NamedTuple):
    """Indexes into the colours and the dashes."""

    hue: int
    dash: int


@dataclass(frozen=True)
class Member:
    """A curve of the set. `value` is what it is coloured by: a depth, or the run itself."""

    value: str
    panel: int = 0


def strokes(members: Sequence[Member], *, is_dash_training: bool) -> list[Stroke]:
    """A stroke for each curve. Curves of one value share it across panels; inside a panel none is given twice.

    Where a dash means training, all strokes are solid: unique for 8 curves a panel, otherwise for 32.
    """
    slots = _slots(members)
    dashes = range(1 if is_dash_training else len(DASHES))
    every = [Stroke(hue, dash) for dash in dashes for hue in range(len(COLOURS))]
    reserved = {PREFERRED.get(member.value) for member in members}
    solid = [stroke for stroke in every if stroke.dash == 0 and stroke.hue not in reserved]
    given: dict[tuple[str, int], Stroke] = {}
    for value, nth in slots:
        first = given.get((value, 0))
        own = [Stroke(first.hue, dash) for dash in dashes] if first else _preferred(value)
        candidates = [*own, *solid, *every]
        taken = set(given.values())
        free = (stroke for stroke in candidates if stroke not in taken)
        given.setdefault((value, nth), next(free, every[len(given) % len(every)]))
    return [given[slot] for slot in slots]


def _slots(members: Sequence[Member]) -> list[tuple[str, int]]:
    """The value of each curve, and how many curves of that value stand before it in its panel."""
    return [
        (member.value, sum(other == member for other in members[:position])) for position, member in enumerate(members)
    ]


def _preferred(value: str) -> Iterator[Stroke]:
    if value in PREFERRED:
        yield Stroke(PREFERRED[value], 0)
