"""Owns the pooling of several labs' results on one network: random effects, for few labs. Arithmetic only.

Labs' means differ by more than their seeds explain, so each lab's true mean is taken as drawn from a normal
distribution around the common mean, with the standard deviation τ. τ² is Paule and Mandel's estimate (1982): the
value at which the labs' scatter is what it should be on average. The interval is Hartung and Knapp's (2001), with
Student's t of one degree of freedom less than labs, and never narrower than with their factor at 1 (Röver, Knapp and
Friede 2015). DerSimonian and Laird's estimate with a normal interval covers far less than it says for few labs.

The spread between seeds is taken to be the same in all labs, as they run one protocol: three seeds of one lab say
little about it, all labs' seeds together much more. docs/experiments.md simulates what it costs if it is not so.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from paper.power import LEVEL
from paper.statistics import quantile

# τ is at most this many points: errors are percent.
MOST_TAU = 100.0
# Halvings of [0, MOST_TAU²]: the root is exact to float64.
HALVINGS = 100
# A prediction interval has two degrees of freedom less than labs (Higgins, Thompson and Spiegelhalter 2009).
FEWEST_TO_PREDICT = 3


@dataclass(frozen=True)
class LabResult:
    """One lab's errors, percent: a value for each seed."""

    name: str
    errors: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.errors) / len(self.errors)


@dataclass(frozen=True)
class Heterogeneity:
    """How much the labs differ beyond their seeds, with the interval of τ by the Q profile (Viechtbauer 2007).

    `q` follows χ² with `df` degrees of freedom if all labs have one mean. `i2` is the share, 0 to 1, of the scatter
    that seeds do not explain (Higgins and Thompson 2002).
    """

    tau: float
    tau_interval: tuple[float, float]
    q: float
    df: int
    p: float
    i2: float


@dataclass(frozen=True)
class Pooled:
    """The common mean, percent, with a two-sided interval at 1 − 2·level; each end is one-sided at the level.

    `spread` is the standard deviation between seeds of one lab; None if every lab has one run. `prediction` is where
    another lab's true mean lies. `weights` are the labs' shares of the mean, in their order.
    """

    mean: float
    error: float
    interval: tuple[float, float]
    spread: float | None
    heterogeneity: Heterogeneity | None
    prediction: tuple[float, float] | None
    weights: tuple[float, ...]


def pool(labs: Sequence[LabResult], level: float = LEVEL) -> Pooled:
    """Raises ValueError unless there are two labs, or one with two seeds: one run shows no spread at all."""
    if sum(len(lab.errors) for lab in labs) < 2:
        raise ValueError("expected at least two runs, got one")
    spread = within(labs)
    if len(labs) == 1:
        return _single(labs[0], spread, level)
    means = [lab.mean for lab in labs]
    variances = [0.0 if spread is None else spread**2 / len(lab.errors) for lab in labs]
    return pooled(means, variances, spread, level)


def within(labs: Sequence[LabResult]) -> float | None:
    """The standard deviation between seeds, over all labs; None if no lab has two runs."""
    df = sum(len(lab.errors) - 1 for lab in labs)
    if df == 0:
        return None
    return math.sqrt(sum((error - lab.mean) ** 2 for lab in labs for error in lab.errors) / df)


def pooled(means: Sequence[float], variances: Sequence[float], spread: float | None, level: float = LEVEL) -> Pooled:
    """The same from the labs' means and the variances of these means."""
    tau2 = paule_mandel(means, variances)
    weights = [1 / (variance + tau2) if variance + tau2 else 1.0 for variance in variances]
    total = sum(weights)
    mean = _weighted(means, weights)
    scatter = sum(weight * (own - mean) ** 2 for weight, own in zip(weights, means, strict=True)) / (len(means) - 1)
    # Unweighted where every variance is 0: all labs agree exactly.
    error = math.sqrt(max(1.0, scatter) / total) if any(variances) or tau2 else 0.0
    reach = quantile(len(means) - 1, 1 - level) * error
    return Pooled(
        mean=mean,
        error=error,
        interval=(mean - reach, mean + reach),
        spread=spread,
        heterogeneity=heterogeneity(means, variances, tau2, level) if spread else None,
        prediction=_prediction(len(means), mean, math.sqrt(tau2 + error**2), level),
        weights=tuple(weight / total for weight in weights),
    )


def paule_mandel(means: Sequence[float], variances: Sequence[float]) -> float:
    """τ², in squared points: 0 if the labs scatter no more than their seeds explain."""
    return _crossing(lambda tau2: generalised_q(means, variances, tau2), len(means) - 1)


def generalised_q(means: Sequence[float], variances: Sequence[float], tau2: float) -> float:
    """The labs' squared distances from their weighted mean, in their own variances. Falls as τ² rises."""
    totals = [variance + tau2 for variance in variances]
    if not all(totals):
        return math.inf if len(set(means)) > 1 else 0.0
    weights = [1 / total for total in totals]
    mean = _weighted(means, weights)
    return sum(weight * (own - mean) ** 2 for weight, own in zip(weights, means, strict=True))


def heterogeneity(means: Sequence[float], variances: Sequence[float], tau2: float, level: float) -> Heterogeneity:
    from scipy.special import chdtrc, chdtri

    df, q = len(means) - 1, generalised_q(means, variances, 0.0)
    low, high = (
        math.sqrt(_crossing(lambda tau2: generalised_q(means, variances, tau2), float(chdtri(df, share))))
        for share in (level, 1 - level)
    )
    return Heterogeneity(
        tau=math.sqrt(tau2),
        tau_interval=(low, high),
        q=q,
        df=df,
        p=float(chdtrc(df, q)),
        i2=max(0.0, (q - df) / q) if q else 0.0,
    )


def _single(lab: LabResult, spread: float | None, level: float) -> Pooled:
    assert spread is not None  # noqa: S101 (for mypy: the lab has two runs)
    error = spread / math.sqrt(len(lab.errors))
    reach = quantile(len(lab.errors) - 1, 1 - level) * error
    return Pooled(lab.mean, error, (lab.mean - reach, lab.mean + reach), spread, None, None, (1.0,))


def _prediction(labs: int, mean: float, error: float, level: float) -> tuple[float, float] | None:
    if labs < FEWEST_TO_PREDICT:
        return None
    reach = quantile(labs - 2, 1 - level) * error
    return mean - reach, mean + reach


def _weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)


def _crossing(falling: Callable[[float], float], level: float) -> float:
    """Where the function falls to this level; 0 if it is below from the start."""
    if falling(0.0) <= level:
        return 0.0
    low, high = 0.0, MOST_TAU**2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > level else (low, middle)
    return (low + high) / 2
