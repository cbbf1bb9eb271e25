"""Owns the arithmetic of a verdict as a reader can follow it: a name, the sum written out, its value."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from paper.power import LEVEL, MARGIN, Theirs, comparison
from paper.statistics import Difference, Sample, sample


class Step(BaseModel):
    """One line of the arithmetic, such as "difference", "6.5 − 6.25", 0.25. Errors are percent."""

    model_config = ConfigDict(frozen=True)

    name: str
    sum: str = Field(description="Written out with its numbers.")
    value: float


def steps_of(errors: Sequence[float], theirs: Theirs, level: float) -> tuple[Step, ...]:
    """From our errors to the p values of the three answers; the least that is below the level is believed."""
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
    predicted, given = comparison(ours, theirs)
    return (
        Step(name="difference", sum=f"{ours.mean:.3f} − {theirs:.2f}", value=given.value),
        Step(
            name="standard error, theirs being one run (prediction)",
            sum=f"{ours.std:.3f} × √(1 + 1/{ours.runs})",
            value=predicted.error,
        ),
        Step(
            name="standard error, theirs being the number printed",
            sum=f"{ours.std:.3f} / √{ours.runs}",
            value=given.error,
        ),
        Step(name="degrees of freedom", sum=f"{ours.runs} − 1", value=given.df),
    )


def _tests(difference: Difference, equivalence: Difference, level: float) -> tuple[Step, ...]:
    value, error = difference.value, difference.error
    low, high = difference.interval(level)
    reach = f"t × {error:.3f}, t with {level:.2g} beyond it at {difference.df:.3g} degrees of freedom"
    above, below = (f"t = ({equivalence.value:.3f} {sign} {MARGIN:g}) / {equivalence.error:.3f}" for sign in ("+", "−"))
    return (
        Step(name="interval of the difference, lower end", sum=f"{value:.3f} − {reach}", value=low),
        Step(name="interval of the difference, upper end", sum=f"{value:.3f} + {reach}", value=high),
        Step(name=f"p: not below −{MARGIN:g} (TOST)", sum=above, value=equivalence.p_above(-MARGIN)),
        Step(name=f"p: not above +{MARGIN:g} (TOST)", sum=below, value=equivalence.p_below(MARGIN)),
        Step(name="p: lower than the paper's", sum=f"t = {value:.3f} / {error:.3f}", value=difference.p_below()),
        Step(name="p: higher than the paper's", sum=f"t = {value:.3f} / {error:.3f}", value=difference.p_above()),
        Step(name="a p must be below", sum=f"{LEVEL:g} / {LEVEL / level:.0f} looks at the study", value=level),
    )
