"""Owns the verdict on one of our networks compared with one number of the paper, and the arithmetic behind it.

The first that applies: results that depart from the protocol, or of which nobody said whether they do, are *not
comparable*. A mean within the margin of the paper's, by two one-sided tests, is *reproduced*. A mean significantly
lower is *better*, significantly higher *worse*. Anything else is *inconclusive*, and the verdict says how many more
seeds would decide it. See docs/decisions/0014.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper.arithmetic import Step, steps_of
from paper.findings import Finding
from paper.power import (
    FEWEST_SEEDS,
    LEVEL,
    MARGIN,
    MOST_SEEDS,
    Theirs,
    comparison,
    seeds_to_confirm,
    seeds_to_decide,
)
from paper.printed import PrintedValue
from paper.results import LastErrors
from paper.spread import Prior, prior
from paper.statistics import Sample, sample

Outcome = Literal["reproduced", "better", "worse", "inconclusive", "not comparable"]

TOO_GOOD = (
    "An error lower than the paper's needs an explanation: training on all 50,000 images, Nesterov's momentum and "
    "choosing by the test set also lower it (facebookarchive/fb.resnet.torch#177)."
)


class Verdict(BaseModel):
    """The conclusion, in a sentence, and every number that leads to it. Errors are percent."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    sentence: str
    ours: str = Field(description="Which of our statistics was compared.")
    theirs: str = Field(description="Which of the paper's statistics it was compared with, and its table.")
    steps: tuple[Step, ...] = ()
    difference: float | None = Field(default=None, description="Ours minus theirs, points.")
    interval: tuple[float, float] | None = Field(
        default=None,
        description="Confidence interval of the difference by the test that decided: beside a single printed number, "
        "the interval around this number for reproduced, the prediction interval for better or worse. Where neither "
        "test decided, it is the first. Each end is one-sided at the verdict's level.",
    )
    assumption: str | None = Field(
        default=None,
        description="Beside a single printed number: whether it is taken as the network's mean.",
    )
    reasons: tuple[str, ...] = Field(default=(), description="Why the results are not comparable.")
    warnings: tuple[str, ...] = Field(default=(), description="What may explain a result that is too good to be true.")
    more_seeds: int | None = Field(
        default=None,
        description="How many more seeds would decide, if the true values are those observed; null if none are needed, "
        "or if no number of seeds would. With fewer than three seeds, how many more would confirm the paper's value.",
    )

    @property
    def is_decided(self) -> bool:
        return self.outcome != "inconclusive"


def verdict(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding] = (), looks: int = 1) -> Verdict:
    """Compares our last errors with one error that the paper prints.

    `findings` are the protocol check's on these runs. `looks` is how often a verdict may be drawn before the study
    stops: the level is divided among the looks, because enough looks would otherwise prove anything.
    """
    reasons = _departures(ours, theirs, findings)
    if reasons:
        return _not_comparable(ours, theirs, reasons)
    if len(ours.values) < FEWEST_SEEDS:
        return _too_few(ours, theirs, LEVEL / looks)
    return _conclude(ours, theirs, findings, LEVEL / looks)


def outcome(ours: Sample, theirs: Theirs, level: float = LEVEL) -> Outcome:
    """The decision rule: equivalence first, then a difference, each at the level."""
    difference, equivalence = comparison(ours, theirs)
    if equivalence.p_within(MARGIN) < level:
        return "reproduced"
    if difference.p_below() < level:
        return "better"
    return "worse" if difference.p_above() < level else "inconclusive"


def tested_against(value: PrintedValue) -> Theirs:
    """What our mean is tested against: the paper's mean of several runs if it gives one, else its single number.

    The best of several runs is neither, so nothing is compared with it.
    """
    spread = value.spread
    return value.value if spread is None or spread.runs is None else Sample(spread.mean, spread.std, spread.runs)


def report(ours: LastErrors) -> str:
    """The errors in the paper's form: best (mean±std), or the error alone for a single run."""
    return in_its_form(ours.values)


def in_its_form(errors: Sequence[float]) -> str:
    """The same for any errors measured in the same way; empty if there are none."""
    if len(errors) < 2:
        return "".join(f"{error:.2f}" for error in errors)
    observed = sample(errors)
    return f"{min(errors):.2f} ({observed.mean:.2f}±{observed.std:.2f})"


def _departures(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding]) -> tuple[str, ...]:
    reasons = [finding.sentence for finding in findings if finding.forbids_comparison]
    if theirs.unit != "%":
        reasons.append(f"{theirs.key} is not an error.")
    elif theirs.protocol != ours.protocol:
        reasons.append(f"Our error was measured by {ours.protocol}, the paper's by {theirs.protocol}.")
    if theirs.split == "ImageNet test server":
        reasons.append("The paper's error was scored by ImageNet's test server, whose labels are not public.")
    return tuple(reasons)


def _not_comparable(ours: LastErrors, theirs: PrintedValue, reasons: tuple[str, ...]) -> Verdict:
    return Verdict(
        outcome="not comparable",
        sentence=" ".join(("Not comparable with the paper's number.", *reasons)),
        ours=_measured(ours),
        theirs=_printed(theirs),
        reasons=reasons,
    )


def _too_few(ours: LastErrors, theirs: PrintedValue, level: float) -> Verdict:
    """Estimates the seeds still needed from a spread reported elsewhere, if there is one."""
    runs, number, assumed = len(ours.values), tested_against(theirs), _prior(theirs)
    text = f"Inconclusive: {_seeds(runs)} ended, and estimating the spread takes {FEWEST_SEEDS}"
    more: int | None = FEWEST_SEEDS - runs
    if assumed is not None:
        total = seeds_to_confirm(assumed.std, number, level)
        more = None if total is None else total - runs
        outlook = f"{more} more would confirm" if more else f"even {MOST_SEEDS} would often not confirm"
        text += f". Assuming {assumed.source}, {outlook} the paper's value"
    return Verdict(
        outcome="inconclusive", sentence=f"{text}.", ours=_measured(ours), theirs=_printed(theirs), more_seeds=more
    )


def _prior(theirs: PrintedValue) -> Prior | None:
    return prior(theirs.network, (theirs.split or "").partition(" ")[0])


def _conclude(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding], level: float) -> Verdict:
    observed, number = sample(ours.values), tested_against(theirs)
    difference, equivalence = comparison(observed, number)
    conclusion = outcome(observed, number, level)
    decisive = difference if conclusion in ("better", "worse") else equivalence
    more = _more_seeds(observed, number, level) if conclusion == "inconclusive" else None
    hints = tuple(finding.sentence for finding in findings)
    return Verdict(
        outcome=conclusion,
        sentence=_sentence(conclusion, number, observed, level, more),
        ours=_measured(ours),
        theirs=_printed(theirs),
        steps=steps_of(ours.values, number, level),
        difference=difference.value,
        interval=decisive.interval(level),
        assumption=None if isinstance(number, Sample) else assumption_of(conclusion, difference.interval(level)),
        warnings=(TOO_GOOD, *hints) if conclusion == "better" else (),
        more_seeds=more,
    )


def _more_seeds(observed: Sample, theirs: Theirs, level: float) -> int | None:
    total = seeds_to_decide(observed, theirs, level)
    return None if total is None else total - observed.runs


# What each test takes a single printed number to be.
AS_MEAN = "taking the paper's single run as the network's mean"
AS_RUN = "taking the paper's single run as one run with your spread"


def assumption_of(conclusion: Outcome, prediction: tuple[float, float]) -> str:
    """What the verdict takes the paper's single run to be, and what the other way of taking it would give."""
    if conclusion == "reproduced":
        return (
            f"The paper's single run is taken as the network's mean. Taken as one run with your spread, "
            f"the difference lies between {in_words(prediction, ' and ')}."
        )
    if conclusion == "inconclusive":
        return (
            "Equivalence is tested with the paper's single run taken as the network's mean, a difference with it taken "
            "as one run with your spread. Neither test decides."
        )
    return "The paper's single run is taken as one run with your spread, not as the network's mean."


def _sentence(conclusion: Outcome, theirs: Theirs, ours: Sample, level: float, more: int | None) -> str:
    difference, equivalence = comparison(ours, theirs)
    wide, narrow = difference.interval(level), equivalence.interval(level)
    as_mean, as_run = ("", "") if isinstance(theirs, Sample) else (f", {AS_MEAN}", f", {AS_RUN}")
    observed = f"the difference is {signed(difference.value)} points"
    beyond = f"({in_words(wide)}{as_run}), significantly"
    if conclusion == "reproduced":
        return f"Reproduced: {observed} ({in_words(narrow)}{as_mean}), significantly within ±{MARGIN:g} points."
    if conclusion == "better":
        return f"Better than the paper's: {observed} {beyond} below 0 and not shown to be within ±{MARGIN:g}."
    if conclusion == "worse":
        return f"Worse than the paper's: {observed} {beyond} above 0 and not shown to be within ±{MARGIN:g}."
    both = "" if isinstance(theirs, Sample) else f"; {in_words(wide)}{as_run}"
    undecided = f"Inconclusive: {observed} ({in_words(narrow)}{as_mean}{both}). If this is the true difference,"
    if more is None:
        return f"{undecided} even {MOST_SEEDS} seeds would not decide."
    return f"{undecided} {_seeds(more, 'more ')} would decide."


def in_words(interval: tuple[float, float], to: str = " to ") -> str:
    return to.join(map(signed, interval))


def signed(value: float) -> str:
    """With two decimals and a true minus: +0.25, −1.11."""
    return f"{value:+.2f}".replace("-", "−")


def _seeds(count: int, kind: str = "") -> str:
    return f"{count} {kind}seed{'' if count == 1 else 's'}"


def _measured(ours: LastErrors) -> str:
    runs = len(ours.values)
    return f"mean error at the last iteration of {runs} run{'' if runs == 1 else 's'}, {ours.protocol}"


def _printed(theirs: PrintedValue) -> str:
    number = tested_against(theirs)
    statistic = f"mean of {number.runs} runs" if isinstance(number, Sample) else "the single number printed"
    return f"{statistic}, {theirs.row} in {theirs.source}"
