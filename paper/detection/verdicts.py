"""Owns the verdict on one of our detectors compared with one mAP that the paper prints: decision 14, higher is better.

An mAP's shortfall from 100 percent is an error, and is judged as errors are (paper/verdicts.py).
"""

from collections.abc import Sequence

from paper import published
from paper.detection.recipes import DetectionTest
from paper.detection.results import DetectionResult
from paper.lint import detection as lint
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, comparison
from paper.statistics import Difference, sample
from paper.verdicts import AS_MEAN, AS_RUN, Outcome, Verdict, assumption_of, in_words, outcome, signed

Interval = tuple[float, float]


def verdict(test: DetectionTest, results: Sequence[DetectionResult]) -> Verdict:
    """Compares the results of a row's runs, one for each seed, with the printed number."""
    printed = published.named(test.key)
    ours = f"mean {printed.metric} at the last iteration of {_runs(len(results))}"
    theirs = f"the single number printed, {printed.row} in {printed.source}"
    reasons = _reasons(results)
    if reasons:
        sentence = " ".join(("Not comparable with the paper's number.", *reasons))
        return Verdict(outcome="not comparable", sentence=sentence, ours=ours, theirs=theirs, reasons=reasons)
    if len(results) < FEWEST_SEEDS:
        more = FEWEST_SEEDS - len(results)
        sentence = f"Inconclusive: {_runs(len(results))} ended, and estimating the spread takes {FEWEST_SEEDS}."
        return Verdict(outcome="inconclusive", sentence=sentence, ours=ours, theirs=theirs, more_seeds=more)
    errors = sample([100 - result.value(test.measure) for result in results])
    conclusion = outcome(errors, 100 - printed.value)
    difference, equivalence = comparison(errors, 100 - printed.value)
    prediction, around = _of_map(difference), _of_map(equivalence)
    return Verdict(
        outcome=conclusion,
        sentence=_sentence(conclusion, -difference.value, prediction, around),
        ours=ours,
        theirs=theirs,
        difference=-difference.value,
        interval=prediction if conclusion in ("better", "worse") else around,
        assumption=assumption_of(conclusion, prediction),
    )


def _of_map(difference: Difference) -> Interval:
    """The interval of a difference of errors, as one of mAP."""
    low, high = difference.interval(LEVEL)
    return -high, -low


def _sentence(conclusion: Outcome, difference: float, prediction: Interval, around: Interval) -> str:
    """With the interval of the test that decided, and what that test takes the paper's single run to be."""
    observed = f"the difference is {signed(difference)} points"
    as_run, as_mean = f"{in_words(prediction)}, {AS_RUN}", f"{in_words(around)}, {AS_MEAN}"
    if conclusion == "reproduced":
        return f"Reproduced: {observed} ({as_mean}), significantly within ±{MARGIN:g} points."
    if conclusion in ("better", "worse"):
        side = "above" if conclusion == "better" else "below"
        start = f"{conclusion.capitalize()} than the paper's: {observed} ({as_run})"
        return f"{start}, significantly {side} 0 and not shown to be within ±{MARGIN:g}."
    return f"Inconclusive: {observed} ({as_mean}; {as_run}), and no test decides."


def _reasons(results: Sequence[DetectionResult]) -> tuple[str, ...]:
    specs = {result.spec.model_copy(update={"seed": 0}) for result in results}
    findings = (finding for spec in specs for finding in lint.findings(spec) if finding.forbids_comparison)
    return tuple(dict.fromkeys(finding.sentence for finding in findings))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
