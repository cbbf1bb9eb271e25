"""Owns the verdict on a network of ours beside one number of the paper, with the arithmetic that leads to it.

In this order: what departs from the protocol is *not comparable*. A mean within the margin of the paper's, by two
one-sided tests, is *reproduced*. Otherwise one that is surely lower is *better*, one that is surely higher *worse*.
What is left is *inconclusive*, and says how many more seeds decide. See docs/decisions/0014.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from paper.arithmetic import Step, steps_of
from paper.findings import Finding
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, MOST_SEEDS, Theirs, comparison, seeds_to_decide
from paper.printed import PrintedValue
from paper.results import LastErrors
from paper.spread import Prior, prior
from paper.statistics import Difference, Sample, sample

Outcome = Literal["reproduced", "better", "worse", "inconclusive", "not comparable"]

TOO_GOOD = (
    "lower than the paper's is a reason to look, not to be glad: training on all 50,000 images, Nesterov's momentum or "
    "a choice made on the test set lower the error as well (facebookarchive/fb.resnet.torch#177)"
)


class Verdict(BaseModel):
    """What was concluded, in a sentence, and every number on the way to it. Errors are percent."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    sentence: str
    ours: str = Field(description="Which statistic of ours was compared.")
    theirs: str = Field(description="Which statistic of the paper's, and its table.")
    steps: tuple[Step, ...] = ()
    difference: float | None = Field(default=None, description="Ours minus theirs, points.")
    interval: tuple[float, float] | None = Field(
        default=None, description="Of the difference: below and above it the truth lies with the level's chance each."
    )
    reasons: tuple[str, ...] = Field(default=(), description="Why it is not comparable.")
    warnings: tuple[str, ...] = Field(default=(), description="What may explain a result that is too good.")
    more_seeds: int | None = Field(
        default=None,
        description="So many more decide, if the truth is as seen; null where none would, or none is needed.",
    )

    @property
    def is_decided(self) -> bool:
        return self.outcome != "inconclusive"


def verdict(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding] = (), looks: int = 1) -> Verdict:
    """Our last errors beside one error that the paper prints.

    `findings` are the lint's on these runs. `looks` is how often the study may be judged before it is ended by its
    verdict: the level is shared among them, or looking often enough would prove anything.
    """
    reasons = _departures(ours, theirs, findings)
    if reasons:
        return _not_comparable(ours, theirs, reasons)
    if len(ours.values) < FEWEST_SEEDS:
        return _too_few(ours, theirs, LEVEL / looks)
    return _judged(ours, theirs, findings, LEVEL / looks)


def outcome(ours: Sample, theirs: Theirs, level: float = LEVEL) -> Outcome:
    """The rule itself: equivalence first, then a difference, each at the level."""
    difference, equivalence = comparison(ours, theirs)
    if equivalence.p_within(MARGIN) < level:
        return "reproduced"
    if difference.p_below() < level:
        return "better"
    return "worse" if difference.p_above() < level else "inconclusive"


def tested_against(value: PrintedValue) -> Theirs:
    """What can be tested against: the mean of several runs where the paper gives one, else its one number.

    The best of several runs is neither, and nothing is ever compared with it.
    """
    spread = value.spread
    return value.value if spread is None or spread.runs is None else Sample(spread.mean, spread.std, spread.runs)


def report(ours: LastErrors) -> str:
    """In the paper's form, best (mean±std): the best of the runs, their mean and deviation. One run: its error."""
    return in_its_form(ours.values)


def in_its_form(errors: Sequence[float]) -> str:
    """Of errors that are all measured alike; empty where there are none."""
    if len(errors) < 2:
        return "".join(f"{error:.2f}" for error in errors)
    seen = sample(errors)
    return f"{min(errors):.2f} ({seen.mean:.2f}±{seen.std:.2f})"


def _departures(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding]) -> tuple[str, ...]:
    reasons = [_told(finding) for finding in findings if finding.severity == "departure"]
    if theirs.unit != "%":
        reasons.append(f"{theirs.key} is no error")
    elif theirs.protocol != ours.protocol:
        reasons.append(f"our error is of the {ours.protocol} test, the paper's of the {theirs.protocol} test")
    if theirs.split == "ImageNet test server":
        reasons.append("the paper's was scored by ImageNet's test server, whose labels nobody else has")
    return tuple(reasons)


def _not_comparable(ours: LastErrors, theirs: PrintedValue, reasons: tuple[str, ...]) -> Verdict:
    return Verdict(
        outcome="not comparable",
        sentence="not comparable with the paper's: " + "; ".join(reasons),
        ours=_measured(ours),
        theirs=_printed(theirs),
        reasons=reasons,
    )


def _told(finding: Finding) -> str:
    return f"{finding.field}: {finding.message}"


def _too_few(ours: LastErrors, theirs: PrintedValue, level: float) -> Verdict:
    """What would decide is reckoned with a spread from elsewhere, if there is one."""
    runs, number, assumed = len(ours.values), tested_against(theirs), _prior(theirs)
    text = f"inconclusive: it takes {FEWEST_SEEDS} seeds to read a spread from, {runs} ended"
    if assumed is None:
        more: int | None = FEWEST_SEEDS - runs
    else:
        middle = number.mean if isinstance(number, Sample) else number
        more = _more_seeds(Sample(middle, assumed.std, runs), number, level)
        text += f"; with {assumed.source}, {more} more decide if nothing differs"
    return Verdict(
        outcome="inconclusive", sentence=text, ours=_measured(ours), theirs=_printed(theirs), more_seeds=more
    )


def _prior(theirs: PrintedValue) -> Prior | None:
    return prior(theirs.network, (theirs.split or "").partition(" ")[0])


def _judged(ours: LastErrors, theirs: PrintedValue, findings: Sequence[Finding], level: float) -> Verdict:
    seen, number = sample(ours.values), tested_against(theirs)
    difference, _ = comparison(seen, number)
    found = outcome(seen, number, level)
    more = _more_seeds(seen, number, level) if found == "inconclusive" else None
    hints = tuple(_told(finding) for finding in findings)
    return Verdict(
        outcome=found,
        sentence=_sentence(found, difference, level, more),
        ours=_measured(ours),
        theirs=_printed(theirs),
        steps=steps_of(ours.values, number, level),
        difference=difference.value,
        interval=difference.interval(level),
        warnings=(TOO_GOOD, *hints) if found == "better" else (),
        more_seeds=more,
    )


def _more_seeds(seen: Sample, theirs: Theirs, level: float) -> int | None:
    total = seeds_to_decide(seen, theirs, level)
    return None if total is None else total - seen.runs


def _sentence(found: Outcome, difference: Difference, level: float, more: int | None) -> str:
    low, high = difference.interval(level)
    seen = f"the difference is {difference.value:+.2f} points ({low:+.2f} to {high:+.2f})"
    if found == "reproduced":
        return f"reproduced: {seen}, surely within {MARGIN:g} points"
    if found == "better":
        return f"better than the paper's: {seen}, surely below 0 and not surely within {MARGIN:g} points"
    if found == "worse":
        return f"worse than the paper's: {seen}, surely above 0 and not surely within {MARGIN:g} points"
    if more is None:
        return f"inconclusive: {seen}; if it is what was seen, not even {MOST_SEEDS} seeds decide"
    return f"inconclusive: {seen}; if it is what was seen, {more} more seed{'s' if more > 1 else ''} decide"


def _measured(ours: LastErrors) -> str:
    runs = len(ours.values)
    return f"mean of the errors at the last iteration, {runs} run{'' if runs == 1 else 's'}, {ours.protocol}"


def _printed(theirs: PrintedValue) -> str:
    number = tested_against(theirs)
    what = f"mean of {number.runs} runs" if isinstance(number, Sample) else "the one number printed"
    return f"{what}, {theirs.row} in {theirs.source}"
