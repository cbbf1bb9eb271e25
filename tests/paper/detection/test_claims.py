"""Claims on detection: gaps between rows of the tables, tested on results that were made up."""

from collections.abc import Sequence
from typing import Any

import pytest

from paper.detection.claims import CLAIMS, GapStatus, evaluate
from paper.detection.recipes import RECIPES, DetectionOptions, members
from paper.detection.results import DetectionResult
from paper.detection.verdicts import verdict
from paper.studies.attrition import MissingSeed, bounded_precision
from paper.verdicts import Verdict
from trainer.detection.testing.method import Method
from trainer.spec import StepSchedule

FOUR_STEPS = StepSchedule(at=(60_000, 110_000, 180_000, 230_000))
STARTS = {
    "vgg16": {"sha256": "1" * 64},
    "resnet101": {"sha256": "2" * 64, "statistics": "training_set"},
}
OPTIONS = DetectionOptions.model_validate({"seeds": 3, "changes": {"starts": STARTS}})


def results(recipe: str, means: Sequence[float], **fields: Any) -> list[DetectionResult]:
    """Three seeds of every row, whose mAP lies within 0.1 of the row's mean."""
    made = []
    for row, mean in zip(RECIPES[recipe].rows, means, strict=True):
        for member in members(RECIPES[recipe], OPTIONS):
            if member.label == row.detector.label:
                value = mean + 0.1 * (member.seed - 1)
                spec = member.spec.model_copy(update=fields)
                made.append(DetectionResult(spec, value, value, value, row.method))
    return made


def status(recipe: str, means: Sequence[float], claim: str, **fields: Any) -> GapStatus:
    return {each.id: each for each in evaluate(results(recipe, means, **fields))}[claim]


@pytest.mark.parametrize(
    ("means", "expected"), [((70, 74), "holds"), ((70, 72), "does not hold"), ((70, 73.05), "undecided")]
)
def test_resnet_101_gains_more_than_three_points_on_voc(means: tuple[float, float], expected: str) -> None:
    claim = status("table-7", means, "voc-gain")
    assert claim.status == expected
    assert claim.runs == (3, 3)
    assert claim.difference == pytest.approx(means[1] - means[0])


@pytest.mark.parametrize(("means", "expected"), [((20, 26.1), "holds"), ((20, 29), "does not hold")])
def test_the_gain_on_coco_is_the_printed_one(means: tuple[float, float], expected: str) -> None:
    claim = status("table-8", means, "coco-gain")
    assert claim.status == expected
    assert claim.relative == pytest.approx(100 * (means[1] - 20) / 20)


def test_app_b_raises_map_step_by_step() -> None:
    claims = {each.id: each.status for each in evaluate(results("table-9", (20, 27, 29, 30, 33)))}
    assert claims["refinement-gain"] == claims["context-gain"] == claims["multi-scale-gain"] == "holds"
    assert status("table-9", (20, 27, 29, 30, 31), "multi-scale-gain").status == "does not hold"


def test_without_runs_every_claim_is_undecided() -> None:
    assert {each.status for each in evaluate([])} == {"undecided"}
    assert len(evaluate([])) == len(CLAIMS)
    assert evaluate([])[0].quote == "ResNet-101 improves the mAP by >3% over VGG-16."


def test_runs_by_another_protocol_test_nothing_and_say_why() -> None:
    claim = status("table-7", (70, 80), "voc-gain", iterations=300)
    assert claim.status == "not testable by these runs"
    assert claim.reason == "Iterations: py-faster-rcnn uses 70,000; this run uses 300."
    assert claim.difference == pytest.approx(10)
    # Joint training alone is listed, and is no obstacle.
    assert any("trained jointly" in sentence for sentence in status("table-7", (70, 80), "voc-gain").departures)


def test_runs_trained_in_different_ways_are_no_gap() -> None:
    joint = results("table-7", (70, 80))
    steps = results("table-7", (70, 80), training="four_step", iterations=240_000, schedule=FOUR_STEPS)
    mixed = status_of([*joint[:3], *steps[3:]], "voc-gain")
    assert mixed.reason == "Some of the runs are trained jointly, and others in four steps."
    assert status_of(steps, "voc-gain").status == "holds"
    assert status_of(steps, "voc-gain").departures == ()


def compared(value: float, **fields: Any) -> Verdict:
    (test,) = members(RECIPES["table-7"], OPTIONS)[0].tests
    return verdict(test, results("table-7", (value, 0), **fields)[:3])


def test_a_verdict_stays_out_of_reach_of_joint_training() -> None:
    judged = compared(73.2)
    assert judged.outcome == "not comparable"
    assert judged.reasons == (
        "Training: Proposals and regions are trained jointly; [32] trains them in four alternating steps.",
    )


def test_a_higher_map_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paper.detection.verdicts._reasons", lambda _: ())
    better, worse, same = compared(78), compared(70), compared(73.2)
    assert (better.outcome, worse.outcome, same.outcome) == ("better", "worse", "reproduced")
    assert better.difference == pytest.approx(4.8)
    assert better.interval is not None
    assert 0 < better.interval[0] < 4.8 < better.interval[1]
    assert "+4.80 points" in better.sentence


def test_a_verdict_shows_the_interval_that_decided_and_what_it_assumes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, it showed neither."""
    monkeypatch.setattr("paper.detection.verdicts._reasons", lambda _: ())
    same, worse, open_ = compared(73.25), compared(70), compared(72.7)
    assert same.sentence == (
        "Reproduced: the difference is +0.05 points (−0.12 to +0.22, taking the paper's single run as the network's "
        "mean), significantly within ±0.5 points."
    )
    assert same.interval == pytest.approx((-0.119, 0.219), abs=0.001)
    assert worse.sentence == (
        "Worse than the paper's: the difference is −3.20 points (−3.54 to −2.86, taking the paper's single run as one "
        "run with your spread), significantly below 0 and not shown to be within ±0.5."
    )
    assert open_.assumption is not None
    assert all(word in (same.assumption or "") for word in ("taken as the network's mean", "−0.29 and +0.39"))


def test_missing_seeds_bound_a_verdict_on_map() -> None:
    lost = [MissingSeed(seed=3, fate="failed", reason="diverged")]
    bound = bounded_precision([73.1, 73.2, 73.3], lost, "reproduced", 73.2)
    assert bound.bound == "inconclusive"
    assert bound.tips_below is not None
    assert bound.tips_above is not None
    assert bound.tips_below < 73.2 < bound.tips_above
    assert f"had ended below {bound.tips_below:.2f} % or above {bound.tips_above:.2f} %" in bound.sentence
    assert bound.sentence.startswith("3 of 4 seeds (1 failed: diverged). If the missing seed had been the worst, ")


def test_too_few_seeds_are_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paper.detection.verdicts._reasons", lambda _: ())
    (test,) = members(RECIPES["table-7"], OPTIONS)[0].tests
    judged = verdict(test, results("table-7", (73, 0))[:1])
    assert (judged.outcome, judged.more_seeds) == ("inconclusive", 2)


def test_results_are_told_apart_by_how_they_were_tested() -> None:
    specs = [member.spec for member in members(RECIPES["table-9"], OPTIONS)]
    plain = [DetectionResult(spec, 27, 27, 27) for spec in specs]
    assert status_of(plain, "refinement-gain").runs == (0, 3)
    refined = [DetectionResult(spec, 29, 29, 29, Method(refine=True, vote=True)) for spec in specs]
    assert status_of([*plain, *refined], "refinement-gain").runs == (3, 3)


def status_of(made: Sequence[DetectionResult], claim: str) -> GapStatus:
    return {each.id: each for each in evaluate(made)}[claim]
