"""The dashboard's colours, for what is drawn for print: the same run has the same one (frontend/src/chart/look.ts)."""

from collections.abc import Sequence
from typing import Final

# After Okabe and Ito (2008): distinguishable with every kind of colour vision, and at least 3:1 against white.
COLOURS: Final = ("#0066b3", "#c14a00", "#00805c", "#a3458a", "#8a6d00")
# Lengths of lines and gaps, in points: curves of the same colour differ in their dashes.
DASHES: Final = ((), (8.0, 4.0), (2.0, 3.0), (10.0, 3.0, 2.0, 3.0))
# The depths of sec. 4.2 each have their own colour.
_DEPTHS: Final = ("20", "32", "44", "56", "110")


def hue(value: str) -> int:
    """An index into the colours that depends only on the value: a run's id, or "56"."""
    if value in _DEPTHS:
        return _DEPTHS.index(value)
    hashed = 0
    for letter in value:
        hashed = (hashed * 31 + ord(letter)) % 1_000_003
    return hashed % len(COLOURS)


def line_styles(values: Sequence[str]) -> list[tuple[int, int]]:
    """The hue of each value, and how many values before it share that hue."""
    hues = [hue(value) for value in values]
    return [(own, hues[:position].count(own)) for position, own in enumerate(hues)]
