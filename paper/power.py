"""Owns statistical power: how likely a number of seeds is to decide between two networks, or against the paper."""

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


def seeds_to_decide(observed: Sample, theirs: Theirs, level: float = LEVEL) -> int | None:
    """The smallest total number of seeds that decides with `POWER` if the true values are those observed.

    None if even `MOST_SEEDS` do not, because the difference is too close to the margin for either answer.
    """
    counts = range(max(FEWEST_SEEDS, observed.runs + 1), MOST_SEEDS + 1)
    truths = (Sample(observed.mean, observed.std, runs) for runs in counts)
    return next((truth.runs for truth in truths if chance_to_decide(truth, theirs, level) >= POWER), None)


def chance_to_decide(truth: Sample, theirs: Theirs, level: float = LEVEL) -> float:
    """How likely runs with this mean and spread are to end in a verdict against what the paper prints.

    The paper's number is fixed; only our mean varies. Returns the larger of the chances of "equivalent" and "different"
    (they may overlap), both with the tests' thresholds at the true spread.
    """
    difference, equivalence = comparison(truth, theirs)
    apart = quantile(difference.df, 1 - level) * difference.error
    alike = MARGIN - quantile(equivalence.df, 1 - level) * equivalence.error
    is_apart = 1 - _mean_below(truth, apart - abs(difference.value))
    is_alike = _mean_below(truth, alike - difference.value) - _mean_below(truth, -alike - difference.value)
    return max(is_apart, is_alike)


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


def _mean_below(truth: Sample, distance: float) -> float:
    """The chance that our mean exceeds its true value by less than `distance`, with the spread estimated."""
    if truth.std == 0:
        return 1.0 if distance > 0 else 0.0
    return student(truth.runs - 1, distance / math.sqrt(truth.mean_variance))
