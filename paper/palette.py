"""The dashboard's colours, for what is drawn for print: the same run has the same one (frontend/src/chart/look.ts)."""

from collections.abc import Sequence
from typing import Final

# After Okabe and Ito (2008), told apart by every kind of colour vision; each at least 3:1 on white.
COLOURS: Final = ("#0066b3", "#c14a00", "#00805c", "#a3458a", "#8a6d00")
# Points of line and gap: those that share a colour differ in them.
DASHES: Final = ((), (8.0, 4.0), (2.0, 3.0), (10.0, 3.0, 2.0, 3.0))
# The depths of sec. 4.2 have colours of their own.
_KNOWN: Final = ("20", "32", "44", "56", "110")


def hue(value: str) -> int:
    """A place in the colours that depends on nothing but the value: a run's id, or "56"."""
    if value in _KNOWN:
        return _KNOWN.index(value)
    hashed = 0
    for letter in value:
        hashed = (hashed * 31 + ord(letter)) % 1_000_003
    return hashed % len(COLOURS)


def looks(values: Sequence[str]) -> list[tuple[int, int]]:
    """Of each the hue, and how many before it have the same."""
    hues = [hue(value) for value in values]
    return [(own, hues[:place].count(own)) for place, own in enumerate(hues)]
