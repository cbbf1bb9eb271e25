"""Owns statistical power: how likely a number of seeds is to decide between two networks, or against the paper."""

import math
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

from paper.statistics import (
    Difference,
    Sample,
    against_number,
    against_one_run,
    noncentral_student,
    normal,
    observed_spreads,
    quantile,
    shift_of,
    welch,
)

# The chance that each test errs at most: a false "reproduced", a false "better", a false "worse".
LEVEL = 0.05
# The power a plan aims for (Cohen 1988, the usual convention).
POWER = 0.8
# Points. A mean closer to the paper's than this counts as reproduced. It is one to three times the spread that others
# report between seeds (`references.reimplementations`), so that it can be decided; see docs/decisions/0014.
MARGIN = 0.5
# Against a mean of five, Welch's test at 5 % errs in up to 7 % of studies with two seeds and in up to 5.6 % with three
# (ratios of the spreads from 1:4 to 3:1, 200,000 simulations each). The observed spread is below half the true one in
# 38 % of cases with two seeds and in 22 % with three (χ²).
FEWEST_SEEDS = 3
# Seeds of one network: more than any claim of the paper needs, few enough for one study.
MOST_SEEDS = 100

# What the paper prints for a network: mean, standard deviation and number of runs, or one number.
Theirs = Sample | float


def comparison(ours: Sample, theirs: Theirs) -> tuple[Difference, Difference]:
    """Ours minus theirs, as tested for a difference and as tested for equivalence.

    A mean with its spread is tested with Welch's test in both cases. A single printed number is one run: its own chance
    counts when a difference is claimed (prediction interval), while equivalence is tested against the number itself.
    """
    if isinstance(theirs, Sample):
        difference = welch(ours, theirs)
        return difference, difference
    return against_one_run(ours, theirs), against_number(ours, theirs)


def seeds_to_confirm(std: float, theirs: Theirs, level: float = LEVEL) -> int | None:
    """The smallest number of seeds that confirms the paper's value with `POWER`, if the network is the paper's.

    None if even `MOST_SEEDS` do not: beside one printed run the chance stays below that of this run alone being within
    the margin of the network's mean, however many seeds there are.
    """
    return _fewest(FEWEST_SEEDS, lambda runs: chance_to_confirm(std, runs, theirs, level) >= POWER)


@lru_cache(maxsize=4096)
def chance_to_confirm(std: float, runs: int, theirs: Theirs, level: float = LEVEL) -> float:
    """How likely runs of the paper's own network, with this spread in points, are to be called reproduced.

    What the paper prints is itself drawn around the unknown mean: one run with this spread, or the mean of several.
    """
    middle, luck = (theirs.mean, math.sqrt(theirs.mean_variance)) if isinstance(theirs, Sample) else (theirs, std)
    return _chances(Sample(middle, std, runs), theirs, level, luck)[0]


def seeds_to_decide(observed: Sample, theirs: Theirs, level: float = LEVEL) -> int | None:
    """The smallest total number of seeds that decides with `POWER` if the true mean and spread are those observed.

    None if even `MOST_SEEDS` do not, because the difference is too close to the margin for either answer.
    """
    mean, std = observed.mean, observed.std
    first = max(FEWEST_SEEDS, observed.runs + 1)
    return _fewest(first, lambda runs: chance_to_decide(Sample(mean, std, runs), theirs, level) >= POWER)


def chance_to_decide(truth: Sample, theirs: Theirs, level: float = LEVEL) -> float:
    """How likely runs with this mean and spread are to end in a verdict against what the paper prints.

    The difference from the printed number is given here, so only our mean and our spread vary. Returns the larger of
    the chances of "equivalent" and "different" (they may overlap).
    """
    return max(_chances(truth, theirs, level, luck=0.0))


def seeds_for_difference(difference: float, std: float, level: float = LEVEL) -> int | None:
    """Seeds per network that detect this difference between two, one-sided, with `POWER`; None above `MOST_SEEDS`."""
    enough = (n for n in range(2, MOST_SEEDS + 1) if power_of_difference(difference, std, n, level) >= POWER)
    return next(enough, None)


def power_of_difference(difference: float, std: float, seeds: int, level: float = LEVEL) -> float:
    """The power of Student's one-sided test between two networks with equal seeds and spread (Cohen 1988, ch. 2)."""
    if std == 0:  # errors on few images may well be equal
        return 1.0
    df = 2 * seeds - 2
    shift = difference / (std * math.sqrt(2 / seeds))
    return 1 - noncentral_student(df, shift, quantile(df, 1 - level))


def smallest_difference(std: float, seeds: int, level: float = LEVEL) -> float:
    """The smallest difference between two networks, in points, that this many seeds each detect with `POWER`."""
    df = 2 * seeds - 2
    return shift_of(df, 1 - POWER, quantile(df, 1 - level)) * std * math.sqrt(2 / seeds)


def _chances(truth: Sample, theirs: Theirs, level: float, luck: float) -> tuple[float, float]:
    """The chances of "equivalent" and of "different", over every spread that our runs may show.

    `luck` is the standard deviation of the printed number around its network's mean, in points; 0 if it is given.
    """
    error = math.hypot(math.sqrt(truth.mean_variance), luck)
    shift = truth.mean - (theirs.mean if isinstance(theirs, Sample) else theirs)
    alike, apart = 0.0, 0.0
    spreads = observed_spreads(truth)
    for std in spreads:
        difference, equivalence = comparison(Sample(truth.mean, std, truth.runs), theirs)
        reach = MARGIN - quantile(equivalence.df, 1 - level) * equivalence.error
        if reach > 0:
            alike += _below(reach - shift, error) - _below(-reach - shift, error)
        apart += _below(abs(shift) - quantile(difference.df, 1 - level) * difference.error, error)
    return alike / len(spreads), apart / len(spreads)


def _below(distance: float, error: float) -> float:
    """The chance that a normal estimate exceeds its true value by less than `distance`."""
    if error == 0:
        return 1.0 if distance > 0 else 0.0
    return normal(distance / error)


def _fewest(first: int, is_enough: Callable[[int], bool]) -> int | None:
    """The smallest number from `first` to `MOST_SEEDS` that is enough, by bisection: more seeds never decide less."""
    if first > MOST_SEEDS or not is_enough(MOST_SEEDS):
        return None
    return bisect_left(range(MOST_SEEDS + 1), True, lo=first, key=is_enough)
