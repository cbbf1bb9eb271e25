"""The arithmetic equals scipy's own tests, and hand computations, to nine decimals."""

from typing import Any

import numpy as np
import pytest
import scipy  # scipy.stats, whose import takes a second, is loaded by its first use

from paper import statistics
from paper.statistics import Difference, Sample

OURS = [6.71, 6.43, 6.88, 6.52]
THEIRS = [6.43, 6.61, 6.77, 6.49, 6.75, 6.58]


def close(expected: Any) -> Any:  # Any: what pytest.approx takes and gives
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_samples_deviation_divides_by_n_minus_1() -> None:
    result = statistics.sample([1.0, 2.0, 4.0])
    assert result.mean == close(7 / 3)
    assert result.std == close(((16 + 1 + 25) / 9 / 2) ** 0.5)
    assert result.runs == 3


def test_one_run_has_no_spread() -> None:
    with pytest.raises(ValueError, match="expected the values of at least two runs, got 1"):
        statistics.sample([6.5])


def test_welch_is_scipys() -> None:
    result = statistics.welch(statistics.sample(OURS), statistics.sample(THEIRS))
    expected = scipy.stats.ttest_ind(OURS, THEIRS, equal_var=False, alternative="less")
    assert result.p_below() == close(expected.pvalue)
    assert result.df == close(expected.df)
    assert result.value / result.error == close(expected.statistic)
    above = scipy.stats.ttest_ind(OURS, THEIRS, equal_var=False, alternative="greater").pvalue
    assert result.p_above() == close(above)


def test_the_interval_is_scipys() -> None:
    result = statistics.welch(statistics.sample(OURS), statistics.sample(THEIRS))
    expected = scipy.stats.ttest_ind(OURS, THEIRS, equal_var=False).confidence_interval(0.90)
    assert result.interval(0.05) == close((expected.low, expected.high))


def test_equivalence_is_the_worse_of_two_one_sided_tests() -> None:
    result = statistics.welch(statistics.sample(OURS), statistics.sample(THEIRS))
    shifted = np.array(OURS)
    above = scipy.stats.ttest_ind(shifted + 0.5, THEIRS, equal_var=False, alternative="greater").pvalue
    below = scipy.stats.ttest_ind(shifted - 0.5, THEIRS, equal_var=False, alternative="less").pvalue
    assert result.p_within(0.5) == close(max(above, below))


def test_a_difference_from_a_fixed_number_is_the_one_sample_test() -> None:
    result = statistics.against_number(statistics.sample(OURS), 6.97)
    expected = scipy.stats.ttest_1samp(OURS, 6.97, alternative="less")
    assert result.p_below() == close(expected.pvalue)


def test_a_difference_from_one_run_is_the_pooled_test_with_that_run() -> None:
    """Student's two-sample test with a second sample of one run: the pooled variance is ours."""
    result = statistics.against_one_run(statistics.sample(OURS), 6.97)
    n, mean, std = 4, 6.635, np.std(OURS, ddof=1)
    t = (mean - 6.97) / (std * (1 + 1 / n) ** 0.5)
    assert result.p_below() == close(scipy.stats.t.cdf(t, n - 1))
    reach = scipy.stats.t.ppf(0.95, n - 1) * std * (1 + 1 / n) ** 0.5
    assert result.interval(0.05) == close((mean - 6.97 - reach, mean - 6.97 + reach))


def test_runs_with_equal_errors_leave_no_uncertainty() -> None:
    alike = statistics.against_number(Sample(6.5, 0.0, 3), 7.0)
    assert (alike.p_below(), alike.p_above()) == (0.0, 1.0)
    assert statistics.against_number(Sample(7.0, 0.0, 3), 7.0).p_below() == 0.5
    assert statistics.welch(Sample(1, 0, 2), Sample(1, 0, 3)).df == 3


def test_holm_by_hand() -> None:
    """Holm 1979: the smallest p value times m, the next times m − 1, and so on, never below the one before."""
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == close([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.7, 0.9]) == [1.0, 1.0]
    assert statistics.holm([]) == []


def test_holm_keeps_the_chance_of_any_error_at_the_level() -> None:
    """Ten true nulls, 10,000 times: some adjusted p value is below 0.05 in about 5 % of them."""
    p_values = np.random.default_rng(1).uniform(size=(10_000, 10))
    wrong = sum(min(statistics.holm(row)) < 0.05 for row in p_values.tolist())
    assert 0.04 < wrong / 10_000 < 0.056


def test_batches_are_of_equal_length_and_drop_the_oldest() -> None:
    assert statistics.batch_means([9, 1, 3, 5, 7, 2, 4], 3) == [2, 6, 3]
    with pytest.raises(ValueError, match="expected at least 3 values, got 2"):
        statistics.batch_means([1, 2], 3)


def test_batch_means_cover_the_true_mean_of_a_correlated_curve() -> None:
    """AR(1) with 0.9: the plain standard error covers the true mean far too seldom; that of ten batches is right."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(2000, 1100))
    curves = np.empty_like(noise)
    curves[:, 0] = noise[:, 0]
    for step in range(1, noise.shape[1]):
        curves[:, step] = 0.9 * curves[:, step - 1] + noise[:, step]
    covered = plain = 0
    for curve in curves[:, 100:].tolist():
        covered += abs(_t(statistics.batch_means(curve, 10))) < scipy.stats.t.ppf(0.975, 9)
        plain += abs(_t(curve)) < scipy.stats.t.ppf(0.975, 999)
    assert covered / 2000 > 0.91
    assert plain / 2000 < 0.5


@pytest.mark.parametrize(
    ("points", "correlation"),
    [(250, 0.9), (50, 0.9), *(pytest.param(*case, marks=pytest.mark.long) for case in [(250, 0.0), (100, 0.9)])],
)
def test_the_mean_of_correlated_values_is_covered_where_batches_are_too_short_as_well(
    points: int, correlation: float
) -> None:
    """Ten batches of 5 values of AR(1) with 0.9 are still correlated: alone they cover the mean in 64 % of cases."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2000, points))
    for step in range(1, points):
        values[:, step] = correlation * values[:, step - 1] + (1 - correlation**2) ** 0.5 * values[:, step]
    covered = 0
    for row in values.tolist():
        low, high = statistics.correlated_mean(row, 10).interval(0.025)
        covered += low < 0 < high
    assert covered / 2000 > 0.9


def test_the_effective_size_is_that_of_an_autoregression() -> None:
    rng = np.random.default_rng(4)
    values = [0.0]
    for noise in rng.normal(size=100_000).tolist():
        values.append(0.9 * values[-1] + noise)
    assert statistics.effective_size(values) == pytest.approx(100_001 / 19, rel=0.1)
    assert statistics.effective_size(rng.normal(size=100_000).tolist()) == pytest.approx(100_000, rel=0.02)
    assert statistics.effective_size([1.0, 1.0, 1.0, 1.0]) == 4


def test_a_spread_between_seeds_adds_to_the_error() -> None:
    result = statistics.with_spread(Difference(1.0, 0.3, 9.0), 0.2)
    assert result.error == close((0.09 + 0.08) ** 0.5)
    assert result.df == close(0.17**2 / (0.09**2 / 9))
    certain = statistics.with_spread(Difference(1.0, 0.0, 9.0), 0.2)
    assert (certain.error, certain.df) == (close(0.08**0.5), float("inf"))


def _t(values: list[float]) -> float:
    result = statistics.against_number(statistics.sample(values), 0.0)
    return result.value / result.error


def test_the_line_is_scipys_regression() -> None:
    values = [5.0, 4.1, 4.4, 3.2, 2.9, 3.1]
    result = statistics.line_at(values, steps_ahead=4)
    line = scipy.stats.linregress(range(6), values)
    assert result.value == close(line.intercept + line.slope * 9)
    middle = scipy.stats.linregress(np.arange(6) - 9, values)  # its intercept is the line where it is read
    assert result.error == close(middle.intercept_stderr)
    assert result.df == 4


def test_noncentral_is_scipys() -> None:
    assert statistics.noncentral_student(7, 1.5, 1.9) == close(scipy.stats.nct.cdf(1.9, 7, 1.5))


def test_a_difference_is_tested_against_its_margin() -> None:
    result = Difference(value=0.2, error=0.1, df=10)
    assert result.p_below(0.5) == close(scipy.stats.t.cdf(-3, 10))
    assert result.p_above(-0.5) == close(scipy.stats.t.sf(7, 10))


def test_observed_spreads_are_those_of_chi_squared() -> None:
    spreads = np.array(statistics.observed_spreads(Sample(0.0, 0.3, 5)))
    shares = scipy.stats.chi2.cdf(4 * (spreads / 0.3) ** 2, 4)
    assert shares == pytest.approx((np.arange(50) + 0.5) / 50)


def test_the_normal_distribution_is_scipys() -> None:
    assert statistics.normal(1.3) == close(scipy.stats.norm.cdf(1.3))
