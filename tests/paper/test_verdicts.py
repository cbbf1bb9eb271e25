"""Each verdict from errors that bring it out, its arithmetic by hand, and how often studies of known truth err."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy  # scipy.stats, whose import takes a second, is loaded by its first use

from paper import lint, published
from paper.lint import Result
from paper.power import MARGIN
from paper.printed import PrintedValue
from paper.results import LastError, LastErrors
from paper.statistics import Sample, sample
from paper.verdicts import Verdict, outcome, report, signed, verdict
from trainer.spec import RunSpec

MEAN_OF_FIVE = published.value(6, "ResNet-110", "error")
ONE_NUMBER = published.value(6, "ResNet-56", "error")
STUDIES = 10_000
# 5 %, and three standard errors of a share that 10,000 studies show.
AT_MOST = 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5


def last(*errors: float) -> LastErrors:
    return LastErrors(tuple(LastError(error) for error in errors))


def near(value: PrintedValue, *offsets: float) -> LastErrors:
    middle = value.spread.mean if value.spread else value.value
    return last(*(middle + offset for offset in offsets))


@pytest.mark.parametrize("theirs", [MEAN_OF_FIVE, ONE_NUMBER], ids=["mean of five", "one number"])
@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ((-0.1, 0.1, 0.0), "reproduced"),
        ((-0.9, -0.8, -0.85), "better"),
        ((0.9, 0.8, 0.85), "worse"),
        ((-0.6, 0.7, 0.2), "inconclusive"),
    ],
)
def test_the_errors_decide(theirs: PrintedValue, offsets: tuple[float, ...], expected: str) -> None:
    result = verdict(near(theirs, *offsets), theirs)
    assert result.outcome == expected
    assert result.sentence.lower().startswith(expected)
    assert result.difference == pytest.approx(sum(offsets) / len(offsets), abs=1e-9)


def test_a_mean_is_compared_with_the_mean_and_never_with_the_best_of_five() -> None:
    best = MEAN_OF_FIVE.value
    result = verdict(last(best - 0.01, best, best + 0.01), MEAN_OF_FIVE)
    assert result.difference == pytest.approx(best - 6.61, abs=1e-9)
    assert result.ours == "mean error at the last iteration of 3 runs, single view"
    assert result.theirs == "mean of 5 runs, ResNet-110 in Table 6"


def test_the_report_is_in_the_papers_form() -> None:
    assert report(last(6.43, 6.61, 6.55)) == "6.43 (6.53±0.09)"
    assert report(last(6.43)) == "6.43"
    assert report(last()) == ""


def test_a_comparison_with_a_mean_is_welchs_test() -> None:
    errors = [6.71, 6.55, 6.98]
    steps = {step.name: step.value for step in verdict(last(*errors), MEAN_OF_FIVE).steps}
    std = np.std(errors, ddof=1)
    expected = scipy.stats.ttest_ind_from_stats(np.mean(errors), std, 3, 6.61, 0.16, 5, equal_var=False)
    error = (std**2 / 3 + 0.16**2 / 5) ** 0.5
    df = error**4 / ((std**2 / 3) ** 2 / 2 + (0.16**2 / 5) ** 2 / 4)
    assert steps["standard error (Welch)"] == pytest.approx(error, rel=1e-9)
    assert steps["degrees of freedom (Welch–Satterthwaite)"] == pytest.approx(df, rel=1e-9)
    assert steps["p, higher than the paper's"] == pytest.approx(expected.pvalue / 2, rel=1e-9)
    assert steps["p, below +0.5 (TOST)"] == pytest.approx(
        scipy.stats.t.cdf((np.mean(errors) - 6.61 - 0.5) / error, df), rel=1e-9
    )


def test_a_single_number_is_one_run_for_a_difference_and_exact_for_equivalence() -> None:
    errors = [7.1, 6.9, 7.3, 7.0]
    result = verdict(last(*errors), ONE_NUMBER)
    steps = {step.name: step.value for step in result.steps}
    std, difference = np.std(errors, ddof=1), np.mean(errors) - 6.97
    predicted, exact = std * (1 + 1 / 4) ** 0.5, std / 2
    assert steps["p, higher than the paper's"] == pytest.approx(scipy.stats.t.sf(difference / predicted, 3), rel=1e-9)
    assert steps["p, below +0.5 (TOST)"] == pytest.approx(scipy.stats.t.cdf((difference - 0.5) / exact, 3), rel=1e-9)
    reach = scipy.stats.t.ppf(0.95, 3) * exact
    assert result.outcome == "reproduced"
    assert result.interval == pytest.approx((difference - reach, difference + reach), rel=1e-9)


def steps_of(verdict: Verdict) -> dict[str, float]:
    return {step.name: step.value for step in verdict.steps}


def test_the_interval_shown_is_that_of_the_test_that_decided() -> None:
    """Errors 8.47, 8.75 and 9.03 beside 8.75 were "surely within 0.5 points" with an interval of −0.94 to +0.94."""
    result = verdict(last(8.47, 8.75, 9.03), published.value(6, "ResNet-20", "error"))
    assert result.outcome == "reproduced"
    reach = scipy.stats.t.ppf(0.95, 2) * 0.28 / 3**0.5
    assert result.interval == pytest.approx((-reach, reach), rel=1e-9)
    assert result.sentence == (
        "Reproduced: the difference is +0.00 points (−0.47 to +0.47, taking the paper's single run as the network's "
        "mean), significantly within ±0.5 points."
    )
    assert result.assumption == (
        "The paper's single run is taken as the network's mean. Taken as one run with your spread, the difference lies "
        "between −0.94 and +0.94."
    )
    steps = steps_of(result)
    assert steps["interval around the paper's number (equivalence), upper end"] == pytest.approx(reach)
    assert steps["prediction interval (difference), upper end"] == pytest.approx(reach * 2)


def interval_allows(conclusion: str, low: float, high: float) -> bool:
    return {"reproduced": low > -MARGIN and high < MARGIN, "better": high < 0, "worse": low > 0}[conclusion]


@pytest.mark.parametrize("theirs", [MEAN_OF_FIVE, ONE_NUMBER], ids=["mean of five", "one number"])
def test_no_interval_contradicts_its_verdict(theirs: PrintedValue) -> None:
    rng = np.random.default_rng(15)
    decided = 0
    for _ in range(2000):
        result = verdict(near(theirs, *rng.normal(rng.normal(0, 0.7), rng.uniform(0.02, 0.5), 4)), theirs)
        if result.outcome != "inconclusive":
            assert result.interval is not None
            assert interval_allows(result.outcome, *result.interval), result.sentence
            decided += 1
    assert decided > 1000


def test_beside_a_mean_with_its_spread_nothing_is_assumed() -> None:
    result = verdict(near(MEAN_OF_FIVE, -0.1, 0.0, 0.1), MEAN_OF_FIVE)
    assert result.assumption is None
    assert "confidence interval, lower end" in steps_of(result)


def test_a_difference_takes_the_printed_run_as_one_run() -> None:
    result = verdict(near(ONE_NUMBER, 0.9, 0.8, 0.85), ONE_NUMBER)
    assert (
        result.assumption == "The paper's single run is taken as one run with your spread, not as the network's mean."
    )
    assert "taking the paper's single run as one run with your spread" in result.sentence


def test_an_inconclusive_verdict_shows_both_intervals() -> None:
    result = verdict(near(ONE_NUMBER, -0.6, 0.7, 0.2), ONE_NUMBER)
    steps = steps_of(result)
    for name in ("interval around the paper's number (equivalence)", "prediction interval (difference)"):
        assert f"{signed(steps[f'{name}, lower end'])} to {signed(steps[f'{name}, upper end'])}" in result.sentence


def test_every_step_shows_its_numbers() -> None:
    first, *_ = verdict(last(6.5, 6.7, 6.9), MEAN_OF_FIVE).steps
    assert (first.name, first.sum) == ("our mean", "(6.50 + 6.70 + 6.90) / 3")
    assert first.value == pytest.approx(6.7)


def test_a_departure_is_not_comparable_and_is_named() -> None:
    noticed = lint.findings(RunSpec(depth=110, shortcut="A", dataset="digits"))
    result = verdict(near(MEAN_OF_FIVE, 0.0, 0.1), MEAN_OF_FIVE, noticed)
    assert result.outcome == "not comparable"
    assert "Data set: The paper uses CIFAR-10; this run uses digits." in result.reasons
    assert result.steps == ()
    assert result.difference is None


def test_a_fork_is_not_comparable() -> None:
    spec = RunSpec(depth=110, shortcut="A", dataset="cifar10", train_images=45_000)
    noticed = lint.of_result(Result(spec, spec.iterations, 6.6, 10_000, forked_at=1000))
    result = verdict(near(MEAN_OF_FIVE, 0.0, 0.1), MEAN_OF_FIVE, noticed)
    assert result.outcome == "not comparable"
    assert "Iteration: This run started from another run's checkpoint at iteration 1,000." in result.reasons


def test_single_crop_errors_are_not_comparable_with_ten_crop_errors() -> None:
    crop = LastErrors((LastError(25.0), LastError(25.1)), "centre crop")
    result = verdict(crop, published.value(3, "ResNet-34 A", "top-1"))
    assert result.outcome == "not comparable"
    assert result.reasons == ("Our error was measured by centre crop, the paper's by 10-crop.",)


def test_a_number_that_is_not_an_error_is_not_comparable() -> None:
    result = verdict(last(1.7, 1.7), published.value(6, "ResNet-110", "params"))
    assert result.outcome == "not comparable"


def test_a_result_that_is_too_good_comes_with_the_findings() -> None:
    hint = lint.findings(RunSpec(depth=110, shortcut="A", dataset="cifar10", devices=2))
    assert [finding.field for finding in hint] == ["train_images"]
    result = verdict(near(MEAN_OF_FIVE, -0.65, -0.7, -0.6), MEAN_OF_FIVE, hint)
    assert result.outcome == "better"
    assert "facebookarchive/fb.resnet.torch#177" in result.warnings[0]
    assert result.warnings[1:] == (hint[0].sentence,)
    assert verdict(near(MEAN_OF_FIVE, 0.0, 0.01, 0.02), MEAN_OF_FIVE, hint).warnings == ()


@pytest.mark.parametrize("errors", [(), (6.6,), (6.6, 6.6)])
def test_with_fewer_than_three_seeds_the_rest_is_estimated_from_an_assumed_spread(
    errors: tuple[float, ...],
) -> None:
    result = verdict(last(*errors), MEAN_OF_FIVE)
    assert result.outcome == "inconclusive"
    assert result.more_seeds == 3 - len(errors)
    assert "a spread of 0.16 points, the paper's for ResNet-110 A (Table 6)" in result.sentence


def test_without_a_known_spread_three_seeds_are_needed() -> None:
    single = LastErrors((LastError(25.0),), "10-crop")
    assert verdict(single, published.value(3, "ResNet-34 A", "top-1")).more_seeds == 2


def test_inconclusive_names_the_seeds_that_decide_and_they_do() -> None:
    ours = near(ONE_NUMBER, -0.3, 0.1, 0.5)
    result = verdict(ours, ONE_NUMBER)
    assert result.outcome == "inconclusive"
    assert result.more_seeds is not None
    truth = sample(ours.values)
    runs = 3 + result.more_seeds
    decided = [outcome(ours, ONE_NUMBER.value) != "inconclusive" for ours in studies(truth.mean, truth.std, runs, 2000)]
    assert sum(decided) / 2000 > 0.77  # 0.8 and the reckoning's own error


def test_more_looks_need_stronger_evidence() -> None:
    ours = near(MEAN_OF_FIVE, 0.1, 0.25, 0.4)
    assert verdict(ours, MEAN_OF_FIVE).outcome != "inconclusive"
    assert verdict(ours, MEAN_OF_FIVE, looks=10).outcome == "inconclusive"


def studies(mean: float, std: float, runs: int, many: int = STUDIES, seed: int = 5) -> Iterator[Sample]:
    errors = np.random.default_rng(seed).normal(mean, std, (many, runs))
    means, stds = errors.mean(axis=1), errors.std(axis=1, ddof=1)
    return (Sample(mean, std, runs) for mean, std in zip(means.tolist(), stds.tolist(), strict=True))


# Seeds of ours, and the true spread of ours and theirs.
CASES = [
    (3, 0.16, 0.16), (10, 0.35, 0.16),
    *(pytest.param(*case, marks=pytest.mark.long) for case in [(4, 0.25, 0.16), (5, 0.16, 0.35), (3, 0.47, 0.16)]),
]  # fmt: skip


@pytest.mark.parametrize(("runs", "std", "their_std"), CASES)
@pytest.mark.parametrize("side", [-1, 1])
def test_a_mean_that_differs_by_the_margin_is_seldom_called_reproduced(
    runs: int, std: float, their_std: float, side: int
) -> None:
    pairs = zip(studies(side * MARGIN, std, runs), studies(0, their_std, 5, seed=6), strict=True)
    wrong = sum(outcome(ours, theirs) == "reproduced" for ours, theirs in pairs)
    assert wrong / STUDIES <= AT_MOST


@pytest.mark.parametrize(("runs", "std", "their_std"), CASES)
@pytest.mark.parametrize(("false", "truth"), [("better", 0.0), ("better", 0.2), ("worse", 0.0), ("worse", -0.2)])
def test_a_mean_that_is_not_better_is_seldom_called_better(
    runs: int, std: float, their_std: float, false: str, truth: float
) -> None:
    pairs = zip(studies(truth, std, runs), studies(0, their_std, 5, seed=6), strict=True)
    wrong = sum(outcome(ours, theirs) == false for ours, theirs in pairs)
    assert wrong / STUDIES <= AT_MOST


@pytest.mark.parametrize(
    ("runs", "std"),
    [(3, 0.16), (10, 0.5), *(pytest.param(*case, marks=pytest.mark.long) for case in [(4, 0.25), (5, 0.35)])],
)
def test_against_a_single_number_neither_error_is_more_frequent(runs: int, std: float) -> None:
    """The paper's number is one run of the same spread for a difference, and exact for equivalence."""
    luck = np.random.default_rng(7).normal(0, std, STUDIES).tolist()
    better = sum(outcome(ours, number) == "better" for ours, number in zip(studies(0, std, runs), luck, strict=True))
    reproduced = sum(outcome(ours, 0.0) == "reproduced" for ours in studies(MARGIN, std, runs))
    assert better / STUDIES <= AT_MOST
    assert reproduced / STUDIES <= AT_MOST


def test_the_same_network_is_reproduced_with_five_seeds() -> None:
    """Without this test, a rule that always says inconclusive would pass."""
    pairs = zip(studies(0, 0.16, 5), studies(0, 0.16, 5, seed=6), strict=True)
    assert sum(outcome(ours, theirs) == "reproduced" for ours, theirs in pairs) / STUDIES > 0.95
