"""Owns the verdict on one of our detectors compared with one mAP that the paper prints: decision 14, higher is better.

An mAP's shortfall from 100 percent is an error, and is judged as errors are (paper/verdicts.py).
"""

from collections.abc import Sequence

from paper import published
from paper.detection.recipes import DetectionTest
from paper.detection.results import DetectionResult
from paper.lint import detection as lint
from paper.power import FEWEST_SEEDS, LEVEL, MARGIN, comparison
from paper.statistics import sample
from paper.verdicts import Outcome, Verdict, outcome, signed

SENTENCES: dict[Outcome, str] = {
    "reproduced": f"Reproduced: the difference is %s points, significantly within ±{MARGIN:g}.",
    "better": "Better than the paper's: the difference is %s points, significantly above 0.",
    "worse": "Worse than the paper's: the difference is %s points, significantly below 0.",
    "inconclusive": "Inconclusive: the difference is %s points, and no test decides.",
}


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
    decisive = difference if conclusion in ("better", "worse") else equivalence
    low, high = decisive.interval(LEVEL)
    return Verdict(
        outcome=conclusion,
        sentence=SENTENCES[conclusion] % signed(-difference.value),
        ours=ours,
        theirs=theirs,
        difference=-difference.value,
        interval=(-high, -low),
    )


def _reasons(results: Sequence[DetectionResult]) -> tuple[str, ...]:
    specs = {result.spec.model_copy(update={"seed": 0}) for result in results}
    findings = (finding for spec in specs for finding in lint.findings(spec) if finding.forbids_comparison)
    return tuple(dict.fromkeys(finding.sentence for finding in findings))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
