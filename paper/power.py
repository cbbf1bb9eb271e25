"""Owns the chance that a number of seeds decides: between two nets of ours, and of ours beside the paper's number."""

import math

from paper.statistics import (
    Difference,
    Sample,
    against_number,
    against_one_run,
    noncentral_student,
    quantile,
    shift_of,
    student,
    welch,
)

# Each test errs at most so often: false "reproduced", false "better", false "worse".
LEVEL = 0.05
# What is wanted of a plan (Cohen 1988, the field's convention).
POWER = 0.8
# Points. A mean that is nearer to the paper's than this counts as the same: one to three times the spread of seeds that
# others report (`references.reimplementations`), so that it can be decided; see docs/decisions/0014.
MARGIN = 0.5
# With two seeds beside a mean of five, Welch's test errs in up to 7 % of the studies where 5 % are meant, with three in
# up to 5.6 % (spreads in the ratio 1:4 to 3:1, 200,000 simulations each); and from two a spread comes out below half of
# the truth in 38 %, from three in 22 % (χ²).
FEWEST_SEEDS = 3
# Seeds of one network: more than any claim of the paper needs, few enough for one study.
MOST_SEEDS = 100

# What the paper prints of a network: mean, std and runs, or one number.
Theirs = Sample | float


def comparison(ours: Sample, theirs: Theirs) -> tuple[Difference, Difference]:
    """Ours minus theirs, twice: as it is tested for a difference, and as it is tested for equivalence.

    A mean with its spread takes Welch's test for both. One printed number is one run, whose own luck counts where a
    difference is claimed (prediction interval); equivalence is asked of the number itself.
    """
    if isinstance(theirs, Sample):
        difference = welch(ours, theirs)
        return difference, difference
    return against_one_run(ours, theirs), against_number(ours, theirs)


def seeds_to_decide(seen: Sample, theirs: Theirs, level: float = LEVEL) -> int | None:
    """The least number of seeds, all of them counted, that decides with `POWER` if the truth is what was seen.

    None where even `MOST_SEEDS` do not: the difference lies where neither answer can be given.
    """
    counts = range(max(FEWEST_SEEDS, seen.runs + 1), MOST_SEEDS + 1)
    truths = (Sample(seen.mean, seen.std, runs) for runs in counts)
    return next((truth.runs for truth in truths if chance_to_decide(truth, theirs, level) >= POWER), None)


def chance_to_decide(truth: Sample, theirs: Theirs, level: float = LEVEL) -> float:
    """How often so many runs of that mean and spread end in a verdict beside what the paper prints.

    Theirs does not move any more: only our mean does. The larger of the chances of "alike" and "apart" (they may
    overlap), each with the tests' reach taken at the true spread.
    """
    difference, equivalence = comparison(truth, theirs)
    apart = quantile(difference.df, 1 - level) * difference.error
    alike = MARGIN - quantile(equivalence.df, 1 - level) * equivalence.error
    is_apart = 1 - _mean_below(truth, apart - abs(difference.value))
    is_alike = _mean_below(truth, alike - difference.value) - _mean_below(truth, -alike - difference.value)
    return max(is_apart, is_alike)


def seeds_for_difference(difference: float, std: float, level: float = LEVEL) -> int | None:
    """Seeds of each of two nets that tell such a difference, one-sided, with `POWER`; None above `MOST_SEEDS`."""
    enough = (n for n in range(2, MOST_SEEDS + 1) if power_of_difference(difference, std, n, level) >= POWER)
    return next(enough, None)


def power_of_difference(difference: float, std: float, seeds: int, level: float = LEVEL) -> float:
    """Of Student's one-sided test between two nets with so many seeds each and one spread (Cohen 1988, ch. 2)."""
    if std == 0:  # the errors of few images may well be the same
        return 1.0
    df = 2 * seeds - 2
    shift = difference / (std * math.sqrt(2 / seeds))
    return 1 - noncentral_student(df, shift, quantile(df, 1 - level))


def smallest_difference(std: float, seeds: int, level: float = LEVEL) -> float:
    """The least difference, in points, that so many seeds of each of two nets tell with `POWER`."""
    df = 2 * seeds - 2
    return shift_of(df, 1 - POWER, quantile(df, 1 - level)) * std * math.sqrt(2 / seeds)


def _mean_below(truth: Sample, distance: float) -> float:
    """The chance that our mean comes out less than that far above its true value; the spread is estimated."""
    if truth.std == 0:
        return 1.0 if distance > 0 else 0.0
    return student(truth.runs - 1, distance / math.sqrt(truth.mean_variance))
