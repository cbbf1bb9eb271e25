"""Owns the arithmetic of a verdict, step by step: a name, the calculation written out, its value."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from paper.power import LEVEL, MARGIN, Theirs, comparison
from paper.statistics import Difference, Sample, sample


class Step(BaseModel):
    """One step of the arithmetic, such as "difference", "6.5 − 6.25", 0.25. Errors are percent."""

    model_config = ConfigDict(frozen=True)

    name: str
    sum: str = Field(description="The calculation, written out with its numbers.")
    value: float


def steps_of(errors: Sequence[float], theirs: Theirs, level: float) -> tuple[Step, ...]:
    """From our errors to the p values of the three possible answers, each to be compared with the level."""
    ours = sample(errors)
    difference, equivalence = comparison(ours, theirs)
    return (
        *_ours(errors, ours),
        *(_beside_a_mean(ours, theirs, difference) if isinstance(theirs, Sample) else _beside_a_number(ours, theirs)),
        *_tests(difference, equivalence, level),
    )


def _ours(errors: Sequence[float], ours: Sample) -> tuple[Step, ...]:
    listed = " + ".join(f"{error:.2f}" for error in errors)
    squares = " + ".join(f"({error:.2f} − {ours.mean:.3f})²" for error in errors)
    return (
        Step(name="our mean", sum=f"({listed}) / {ours.runs}", value=ours.mean),
        Step(name="our standard deviation, n − 1", sum=f"√(({squares}) / {ours.runs - 1})", value=ours.std),
    )


def _beside_a_mean(ours: Sample, theirs: Sample, difference: Difference) -> tuple[Step, ...]:
    spread = f"√({ours.std:.3f}² / {ours.runs} + {theirs.std:.2f}² / {theirs.runs})"
    a, b = ours.mean_variance, theirs.mean_variance
    freedom = f"({a:.5f} + {b:.5f})² / ({a:.5f}² / {ours.runs - 1} + {b:.5f}² / {theirs.runs - 1})"
    return (
        Step(name="difference", sum=f"{ours.mean:.3f} − {theirs.mean:.2f}", value=difference.value),
        Step(name="standard error (Welch)", sum=spread, value=difference.error),
        Step(name="degrees of freedom (Welch–Satterthwaite)", sum=freedom, value=difference.df),
    )


def _beside_a_number(ours: Sample, theirs: float) -> tuple[Step, ...]:
    predicted, exact = comparison(ours, theirs)
    return (
        Step(name="difference", sum=f"{ours.mean:.3f} − {theirs:.2f}", value=exact.value),
        Step(
            name="standard error, taking the paper's number as one run (prediction)",
            sum=f"{ours.std:.3f} × √(1 + 1/{ours.runs})",
            value=predicted.error,
        ),
        Step(
            name="standard error, taking the paper's number as exact",
            sum=f"{ours.std:.3f} / √{ours.runs}",
            value=exact.error,
        ),
        Step(name="degrees of freedom", sum=f"{ours.runs} − 1", value=exact.df),
    )


def _tests(difference: Difference, equivalence: Difference, level: float) -> tuple[Step, ...]:
    value, error = f"{difference.value:.3f}".replace("-", "−"), difference.error
    above, below = (f"t = ({value} {sign} {MARGIN:g}) / {equivalence.error:.3f}" for sign in ("+", "−"))
    return (
        *_intervals(difference, equivalence, level),
        Step(name=f"p, above −{MARGIN:g} (TOST)", sum=above, value=equivalence.p_above(-MARGIN)),
        Step(name=f"p, below +{MARGIN:g} (TOST)", sum=below, value=equivalence.p_below(MARGIN)),
        Step(name="p, lower than the paper's", sum=f"t = {value} / {error:.3f}", value=difference.p_below()),
        Step(name="p, higher than the paper's", sum=f"t = {value} / {error:.3f}", value=difference.p_above()),
        Step(name="significance level", sum=f"{LEVEL:g} / {_looks(round(LEVEL / level))}", value=level),
    )


def _intervals(difference: Difference, equivalence: Difference, level: float) -> tuple[Step, ...]:
    """One interval beside a mean; beside a single number, one for each test."""
    if difference == equivalence:
        return _interval("confidence interval", difference, level)
    return (
        *_interval("interval around the paper's number (equivalence)", equivalence, level),
        *_interval("prediction interval (difference)", difference, level),
    )


def _interval(name: str, difference: Difference, level: float) -> tuple[Step, ...]:
    value, (low, high) = f"{difference.value:.3f}".replace("-", "−"), difference.interval(level)
    quantile = f"the upper {level:.2g} quantile with {difference.df:.3g} degrees of freedom"
    reach = f"t × {difference.error:.3f}, where t is {quantile}"
    return (
        Step(name=f"{name}, lower end", sum=f"{value} − {reach}", value=low),
        Step(name=f"{name}, upper end", sum=f"{value} + {reach}", value=high),
    )


def _looks(count: int) -> str:
    return f"{count} look{'' if count == 1 else 's'} at the study"
