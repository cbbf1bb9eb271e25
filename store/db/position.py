"""A place in everything that was ever committed: a snapshot of Postgres, `xmin:xmax:running`.

Transactions end in another order than they begin, so no counter names such a place without a hole; see decision 16.
"""

import re
from dataclasses import dataclass
from typing import Self

# 100 connections at most are at work at once; each number has at most 19 digits.
PATTERN = r"^[1-9][0-9]{0,17}:[1-9][0-9]{0,17}:([1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,999})?$"


@dataclass(frozen=True)
class Position:
    """What was committed at one instant: all below `least`, nothing from `next` on, and between them not `running`."""

    least: int
    next: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError where it is no position that Postgres could have written."""
        if not re.fullmatch(PATTERN, text):
            raise ValueError("a position is what an answer or a message's id gave, such as 795:799:795,797")
        least, following, running = text.split(":")
        numbers = [int(number) for number in running.split(",") if number]
        position = cls(int(least), int(following), frozenset(numbers))
        if not position.least <= position.next or sorted(position.running) != numbers:
            raise ValueError("in a position the first number is not above the second, and the others rise")
        if not all(position.least <= number < position.next for number in numbers):
            raise ValueError("in a position the others lie between the first two numbers")
        return position

    def __str__(self) -> str:
        return f"{self.least}:{self.next}:{','.join(map(str, sorted(self.running)))}"

    def has(self, transaction: int) -> bool:
        """Whether what this transaction wrote was there to be read."""
        return transaction < self.next and transaction not in self.running

    def is_after(self, other: "Position") -> bool:
        """Whether it was taken later, of two of one database."""
        return (self.next, -len(self.running)) > (other.next, -len(other.running))
