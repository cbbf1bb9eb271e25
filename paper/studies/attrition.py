"""Owns what became of a study's seeds, and the bound of a verdict: its outcome if the missing seeds had been the worst.

A seed is missing if its error does not count: its run has not ended, failed, was cancelled or deleted, or has not been
evaluated as the paper evaluated. Nobody knows what it would have ended with, so the bound lets every missing seed end
with any error from 0 to 100 %, whatever became of it: a diverged run and one that was cancelled because its owner did
not like it are treated alike. Of the outcomes that this can lead to, the bound is the one that contradicts the verdict
most (`WORST`). All missing seeds take the same error in the search, because equal errors give the smallest spread for
their mean: a difference that equal errors do not prove, unequal ones do not prove either. See docs/decisions/0034.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from statistics import fmean
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from paper.power import FEWEST_SEEDS, LEVEL, Theirs
from paper.statistics import Sample
from paper.verdicts import Outcome, outcome

Fate = Literal["unfinished", "failed", "cancelled", "deleted", "not evaluated"]
# The errors of seeds with these fates may still come.
OUTSTANDING: Final[frozenset[Fate]] = frozenset({"unfinished", "not evaluated"})
PROVISIONAL: Final = "Provisional: "
# For each outcome the others, the most contrary first.
WORST: Final[dict[Outcome, tuple[Outcome, ...]]] = {
    "reproduced": ("worse", "better", "inconclusive"),
    "better": ("worse", "reproduced", "inconclusive"),
    "worse": ("better", "reproduced", "inconclusive"),
    "inconclusive": ("worse", "better", "reproduced"),
}
# The search takes errors at these distances from the mean, points: from a hundredth, each 1.3 times the one before.
DISTANCES: Final = tuple(0.01 * 1.3**step for step in range(36))
HALVINGS: Final = 20


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class MissingSeed(Frozen):
    """A seed whose error does not count, and why."""

    seed: int
    fate: Fate
    reason: str | None = Field(default=None, description="For a failed run: why it failed.")


class Attrition(Frozen):
    """How many of the planned seeds count, what became of the others, and how much rests on them."""

    counted: int = Field(description="Seeds whose error counts.")
    planned: int = Field(description="All seeds of the network, also those whose run was deleted.")
    missing: tuple[MissingSeed, ...]
    is_provisional: bool = Field(description="Whether errors may still come, so that the verdict may still change.")
    bound: Outcome | None = Field(
        default=None,
        description="The outcome if the missing seeds had been the worst; null if none is missing or none counts.",
    )
    tips_below: float | None = Field(
        default=None,
        description="The outcome changes if every missing seed ends at this error or just below it, percent; null if "
        "no lower error changes it.",
    )
    tips_above: float | None = Field(default=None, description="The same for errors above the mean.")
    sentence: str


def attrition(counted: int, missing: Sequence[MissingSeed]) -> Attrition:
    """The count alone, where there is no verdict."""
    is_provisional = any(seed.fate in OUTSTANDING for seed in missing)
    return Attrition(
        counted=counted,
        planned=counted + len(missing),
        missing=tuple(missing),
        is_provisional=is_provisional,
        sentence=f"{PROVISIONAL if is_provisional else ''}{in_words(counted, missing)}.",
    )


def bounded(
    errors: Sequence[float], missing: Sequence[MissingSeed], conclusion: Outcome, theirs: Theirs, level: float = LEVEL
) -> Attrition:
    """The count with the bound of a verdict. `errors` are those that count, percent; `level` is the verdict's.

    A result that is not comparable has no bound, because it rests on no error.
    """
    plain = attrition(len(errors), missing)
    if not errors or not missing or conclusion == "not comparable":
        return plain
    bound = _bound(tuple(errors), len(missing), conclusion, theirs, level)
    sentence = f"{plain.sentence} {_bound_sentence(conclusion, bound, len(missing))}"
    changes = {"bound": bound.outcome, "tips_below": bound.below, "tips_above": bound.above, "sentence": sentence}
    return plain.model_copy(update=changes)


def bounded_precision(
    values: Sequence[float], missing: Sequence[MissingSeed], conclusion: Outcome, theirs: float
) -> Attrition:
    """The same for mAP, percent, where a higher value is better: its shortfall from 100 is judged as an error."""
    of_errors = bounded([100 - value for value in values], missing, conclusion, 100 - theirs)
    if of_errors.bound is None:
        return of_errors
    below, above = (None if tip is None else 100 - tip for tip in (of_errors.tips_above, of_errors.tips_below))
    bound = _bound_sentence(conclusion, _Bound(of_errors.bound, below, above), len(missing))
    changes = {
        "tips_below": below,
        "tips_above": above,
        "sentence": f"{attrition(len(values), missing).sentence} {bound}",
    }
    return of_errors.model_copy(update=changes)


def in_words(counted: int, missing: Sequence[MissingSeed]) -> str:
    """3 of 6 seeds (1 failed: diverged, 2 cancelled)."""
    planned = counted + len(missing)
    start = f"{counted} of {planned} seed{'' if planned == 1 else 's'}"
    return f"{start} ({fates(missing)})" if missing else start


def fates(missing: Sequence[MissingSeed]) -> str:
    """1 failed: diverged, 2 cancelled."""
    fates = (f"{seed.fate}: {seed.reason.replace('_', ' ')}" if seed.reason else seed.fate for seed in missing)
    return ", ".join(f"{count} {fate}" for fate, count in Counter(fates).items())


class _Bound(NamedTuple):
    outcome: Outcome
    below: float | None
    above: float | None


@lru_cache(maxsize=1024)
def _bound(errors: tuple[float, ...], missing: int, conclusion: Outcome, theirs: Theirs, level: float) -> _Bound:
    """Cached, because a search takes some milliseconds and a page is read again while runs train."""
    reached = _Reached(errors, missing, theirs, level)
    return _Bound(reached.worst(conclusion), reached.tip(conclusion, -1), reached.tip(conclusion, 1))


def _bound_sentence(conclusion: Outcome, bound: _Bound, missing: int) -> str:
    seeds, each = ("the missing seed", "the missing seed") if missing == 1 else ("the missing seeds", "each of them")
    if bound.outcome == conclusion:
        return f"Whatever error {seeds} had ended with, the verdict would be the same."
    sides = (("below", bound.below), ("above", bound.above))
    ends = [f"{side} {error:.2f} %" for side, error in sides if error is not None]
    tip = f" It would change if {each} had ended {' or '.join(ends)}." if ends else ""
    return f"If {seeds} had been the worst, the verdict would be “{bound.outcome}”.{tip}"


class _Reached:
    """The outcomes that the missing seeds can lead to, by the error in which all of them end."""

    def __init__(self, errors: Sequence[float], missing: int, theirs: Theirs, level: float) -> None:
        self._mean = fmean(errors)
        self._squares = math.fsum((error - self._mean) ** 2 for error in errors)
        self._counted, self._missing = len(errors), missing
        self._theirs, self._level = theirs, level

    def worst(self, conclusion: Outcome) -> Outcome:
        errors = (*self._on_side(-1), self._mean, *self._on_side(1))
        outcomes = {self._outcome(error) for error in errors}
        return next((contrary for contrary in WORST[conclusion] if contrary in outcomes), conclusion)

    def tip(self, conclusion: Outcome, side: Literal[-1, 1]) -> float | None:
        """The error nearest to the mean at which the outcome is another, to a millionth of a point or so."""
        same = self._mean
        if self._outcome(same) != conclusion:  # more seeds alone would change it
            return None
        for error in self._on_side(side):
            if self._outcome(error) != conclusion:
                return self._halved(same, error, lambda middle: self._outcome(middle) == conclusion)
            same = error
        return None

    def _on_side(self, side: Literal[-1, 1]) -> Iterator[float]:
        """Errors on one side of the mean, the nearest first, up to the last that is possible."""
        end = 0.0 if side < 0 else 100.0
        yield from (error for distance in DISTANCES if 0 < (error := self._mean + side * distance) < 100)
        yield end

    @staticmethod
    def _halved(same: float, other: float, is_same: Callable[[float], bool]) -> float:
        for _ in range(HALVINGS):
            middle = (same + other) / 2
            same, other = (middle, other) if is_same(middle) else (same, middle)
        return other

    def _outcome(self, error: float) -> Outcome:
        """Means and squares are updated instead of summed again: a page shows many verdicts."""
        runs = self._counted + self._missing
        if runs < FEWEST_SEEDS:
            return "inconclusive"
        mean = (self._counted * self._mean + self._missing * error) / runs
        squares = self._squares + self._counted * self._missing / runs * (error - self._mean) ** 2
        return outcome(Sample(mean, math.sqrt(squares / (runs - 1)), runs), self._theirs, self._level)
