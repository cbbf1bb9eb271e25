"""Owns the choice of how detectors are tested (App. B). Loads no torch."""

from dataclasses import dataclass
from typing import Final

# App. B: the shorter sides of its pyramid.
PYRAMID: Final = (200, 400, 600, 800, 1000)
# The fewest and most pixels of a side, as in a specification.
LEAST_SIDE, MOST_SIDE = 32, 4096


@dataclass(frozen=True)
class Method:
    """`refine` and `vote` are App. B's box refinement, which the paper uses together.

    `sides`, in ascending order, are those of multi-scale testing; without any, a network sees an image at its own side.
    """

    refine: bool = False
    vote: bool = False
    sides: tuple[int, ...] = ()

    def at_side(self, side: int, paper_side: int) -> "Method":
        """The same test of a detector that was trained at another side than the paper's: sides in proportion."""
        scaled = (min(MOST_SIDE, max(LEAST_SIDE, round(own * side / paper_side))) for own in self.sides)
        return Method(self.refine, self.vote, tuple(sorted(set(scaled))))
