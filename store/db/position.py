"""A position in the sequence of commits: a snapshot of Postgres, `xmin:xmax:running`.

Transactions don't end in the order in which they begin, so a counter would leave gaps; see decision 16.
"""

import re
from dataclasses import dataclass
from typing import Self

# At most 100 connections work at the same time; each number has at most 19 digits.
PATTERN = r"^[1-9][0-9]{0,17}:[1-9][0-9]{0,17}:([1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,999})?$"


@dataclass(frozen=True)
class Position:
    """The committed transactions at one moment: all below `least`, none from `next` on, all others but `running`."""

    least: int
    next: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a position. Raises ValueError if Postgres can't have written it."""
        if not re.fullmatch(PATTERN, text):
            raise ValueError("a position must be copied from a response or a message's id, such as 795:799:795,797")
        least, following, running = text.split(":")
        numbers = [int(number) for number in running.split(",") if number]
        position = cls(int(least), int(following), frozenset(numbers))
        if not position.least <= position.next or sorted(position.running) != numbers:
            raise ValueError("a position's first number must not exceed the second, and the others must ascend")
        if not all(position.least <= number < position.next for number in numbers):
            raise ValueError("a position's other numbers must lie between the first two")
        return position

    def __str__(self) -> str:
        return f"{self.least}:{self.next}:{','.join(map(str, sorted(self.running)))}"

    def has(self, transaction: int) -> bool:
        """Whether this transaction was committed at this position."""
        return transaction < self.next and transaction not in self.running

    def is_after(self, other: "Position") -> bool:
        """Whether this position is later than another of the same database."""
        return (self.next, -len(self.running)) > (other.next, -len(other.running))
