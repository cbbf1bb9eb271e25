"""Owns the tests behind verdicts and claims: Welch, equivalence, prediction, Holm, batch means. Arithmetic only.

Nothing here depends on units. scipy is imported where it is used, so that the service answers before it has loaded.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# Equally likely values that an average over an unknown spread is taken of: chances are exact to 0.002.
SPREADS = 50


@dataclass(frozen=True)
class Sample:
    """Runs that differ only in their seed: their number, mean, and standard deviation (n − 1)."""

    mean: float
    std: float
    runs: int

    @property
    def mean_variance(self) -> float:
        """The squared standard error of the mean."""
        return self.std**2 / self.runs


@dataclass(frozen=True)
class Difference:
    """An estimated difference with its standard error, and the degrees of freedom of Student's t."""

    value: float
    error: float
    df: float

    def p_below(self, margin: float = 0.0) -> float:
        """The p value for "the difference is below the margin": the chance of one this low if it is not."""
        return student(self.df, self._t(margin))

    def p_above(self, margin: float = 0.0) -> float:
        return student(self.df, -self._t(margin))

    def p_within(self, margin: float) -> float:
        """Two one-sided tests (TOST, Schuirmann 1987): the difference is neither below −margin nor above margin."""
        return max(self.p_above(-margin), self.p_below(margin))

    def interval(self, level: float) -> tuple[float, float]:
        """Confidence interval; the difference lies beyond each end with a chance of `level`."""
        reach = quantile(self.df, 1 - level) * self.error
        return self.value - reach, self.value + reach

    def _t(self, margin: float) -> float:
        distance = self.value - margin
        if self.error == 0:  # every run ended with the same error
            return math.copysign(math.inf, distance) if distance else 0.0
        return distance / self.error


def sample(values: Sequence[float]) -> Sample:
    """Raises ValueError for fewer than two values, because one run shows no spread."""
    if len(values) < 2:
        raise ValueError(f"expected the values of at least two runs, got {len(values)}")
    return Sample(statistics.fmean(values), statistics.stdev(values), len(values))


def welch(ours: Sample, theirs: Sample) -> Difference:
    """The difference of two means with unequal spreads; Welch–Satterthwaite degrees of freedom (Welch 1947)."""
    a, b = ours.mean_variance, theirs.mean_variance
    below = a**2 / (ours.runs - 1) + b**2 / (theirs.runs - 1)
    df = (a + b) ** 2 / below if below else float(ours.runs + theirs.runs - 2)
    return Difference(ours.mean - theirs.mean, math.sqrt(a + b), df)


def against_number(ours: Sample, number: float) -> Difference:
    """The difference of our mean and a fixed number."""
    return Difference(ours.mean - number, math.sqrt(ours.mean_variance), ours.runs - 1)


def against_one_run(ours: Sample, number: float) -> Difference:
    """The difference of our mean and another run with the same spread; its interval is the prediction interval."""
    return Difference(ours.mean - number, ours.std * math.sqrt(1 + 1 / ours.runs), ours.runs - 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for multiple tests (Holm 1979), in the given order; bounds the chance of any error."""
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def batch_means(values: Sequence[float], batches: int) -> list[float]:
    """Means of consecutive batches of equal length; values left over at the start are dropped.

    Neighbouring points of a curve are correlated, so their spread understates the error of their mean. Means of batches
    longer than the correlation are practically independent (Law and Kelton, Simulation Modeling and Analysis, ch. 9).
    """
    length = len(values) // batches
    if length == 0:
        raise ValueError(f"expected at least {batches} values, got {len(values)}")
    start = len(values) - length * batches
    ends = range(start, len(values) + 1, length)
    return [statistics.fmean(values[low:high]) for low, high in pairwise(ends)]


def correlated_mean(values: Sequence[float], batches: int) -> Difference:
    """The mean of values that depend on those before them, with the larger of two standard errors.

    One is that of the batch means. The other checks it where the batches are shorter than the correlation: it counts
    the effective sample size of an autoregression of order 1, n(1 − φ)/(1 + φ) (Law and Kelton, ch. 4 and 9).
    """
    mean, count = statistics.fmean(values), len(values)
    batch_error = math.sqrt(_variance(batch_means(values, batches)) / batches)
    effective = effective_size(values)
    # The mean follows the values, so their squares around it are too small by the mean's own variance.
    error = math.sqrt(_variance(values) * (1 - 1 / count) / (1 - 1 / effective) / effective)
    if error > batch_error and effective < count:
        return Difference(mean, error, max(1.0, effective - 1))
    return Difference(mean, batch_error, batches - 1)


def _variance(values: Sequence[float]) -> float:
    """As `statistics.variance`, which is exact and 30 times slower (measured)."""
    mean = statistics.fmean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def effective_size(values: Sequence[float]) -> float:
    """How many independent values tell as much about the mean, from 2 to all of them.

    The lag-1 correlation is corrected for its bias, about −(1 + 3φ)/n (Kendall 1954).
    """
    mean, count = statistics.fmean(values), len(values)
    rest = [value - mean for value in values]
    squares = sum(value**2 for value in rest)
    if squares == 0:
        return float(count)
    correlation = sum(before * after for before, after in pairwise(rest)) / squares
    corrected = min(max((count * correlation + 1) / (count - 3), 0.0), 1.0)
    return min(max(count * (1 - corrected) / (1 + corrected), 2.0), float(count))


def with_spread(difference: Difference, std: float) -> Difference:
    """The same between any two runs, each of which also varies with its seed by the deviation `std`."""
    variance = difference.error**2 + 2 * std**2
    if difference.error == 0:
        return Difference(difference.value, math.sqrt(variance), math.inf if std else difference.df)
    df = difference.df * (variance / difference.error**2) ** 2  # Welch–Satterthwaite
    return Difference(difference.value, math.sqrt(variance), df)


def line_at(values: Sequence[float], steps_ahead: float) -> Difference:
    """The least-squares line through equally spaced values, extrapolated `steps_ahead` steps beyond the last."""
    n = len(values)
    middle = (n - 1) / 2
    width = sum((x - middle) ** 2 for x in range(n))
    mean = statistics.fmean(values)
    slope = sum((x - middle) * value for x, value in enumerate(values)) / width
    rest = sum((value - mean - slope * (x - middle)) ** 2 for x, value in enumerate(values)) / (n - 2)
    ahead = n - 1 + steps_ahead - middle
    return Difference(mean + slope * ahead, math.sqrt(rest * (1 / n + ahead**2 / width)), n - 2)


def observed_spreads(truth: Sample) -> list[float]:
    """Standard deviations that `truth.runs` runs with this true spread may show, all equally likely (χ²)."""
    from scipy.special import gammaincinv

    half = (truth.runs - 1) / 2
    middles = [(node + 0.5) / SPREADS for node in range(SPREADS)]
    return [truth.std * math.sqrt(float(gammaincinv(half, share)) / half) for share in middles]


def normal(distance: float) -> float:
    """The distribution function of the standard normal distribution."""
    return (1 + math.erf(distance / math.sqrt(2))) / 2


def student(df: float, t: float) -> float:
    """The distribution function of Student's t."""
    from scipy.special import stdtr

    return float(stdtr(df, t))


@lru_cache(maxsize=4096)
def quantile(df: float, share: float) -> float:
    """The quantile function of Student's t: the t below which this share lies."""
    from scipy.special import stdtrit

    return float(stdtrit(df, share))


def noncentral_student(df: float, shift: float, t: float) -> float:
    """The distribution function of noncentral Student's t, with the true value `shift` standard errors away."""
    from scipy.special import nctdtr

    return float(nctdtr(df, shift, t))


def shift_of(df: float, share: float, t: float) -> float:
    """How many standard errors away the true value is if this share lies below t: the inverse of the above."""
    from scipy.special import nctdtrinc

    return float(nctdtrinc(df, share, t))
