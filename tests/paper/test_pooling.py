"""Pooling: against a published example, an independent implementation, and simulated labs."""

import math
from typing import Final

import numpy as np
import pytest

from benchmarks.pooling import Setting, simulate
from paper.pooling import LabResult, heterogeneity, paule_mandel, pool, pooled, within

# The 13 trials of the BCG vaccine (Colditz et al. 1994): log relative risks and their variances, as in R's metafor.
BCG: Final = (
    [-0.889311, -1.585389, -1.348073, -1.441551, -0.217547, -0.786116, -1.620898, 0.011952, -0.469418, -1.371345,
     -0.339359, 0.445913, -0.017314],
    [0.325585, 0.194581, 0.415368, 0.02001, 0.05121, 0.006906, 0.223017, 0.003962, 0.056434, 0.073025,
     0.012412, 0.532506, 0.071405],
)  # fmt: skip


def test_a_published_example_has_its_published_numbers() -> None:
    """metafor 4.6, rma(method="PM", test="knha") and confint: τ² 0.3181, Q 152.23, 95 % τ² from 0.1197 to 1.1115."""
    means, variances = BCG
    assert paule_mandel(means, variances) == pytest.approx(0.3181, abs=5e-5)
    between = heterogeneity(means, variances, paule_mandel(means, variances), 0.025)
    assert between.q == pytest.approx(152.23, abs=5e-3)
    assert between.df == 12
    assert [end**2 for end in between.tau_interval] == pytest.approx([0.1197, 1.1115], abs=5e-4)


@pytest.mark.parametrize(
    ("means", "variances", "expected"),
    [
        (*BCG, (-0.7149683366, 0.3180682694, 0.1808921668)),
        ([8.75, 9.10, 8.40, 9.6], [0.01, 0.02, 0.015, 0.03], (8.9517667634, 0.2397882237, 0.2541304705)),
        ([8.75, 8.80, 8.70], [0.05, 0.05, 0.05], (8.75, 0.0, 0.1290994449)),
    ],
)
def test_it_agrees_with_statsmodels(
    means: list[float], variances: list[float], expected: tuple[float, float, float]
) -> None:
    """statsmodels 0.15.0, combine_effects(…, method_re="iterated", use_t=True): mean_effect_re, tau2, sd_eff_w_re."""
    result = pooled(means, variances, spread=1.0)
    assert result.heterogeneity is not None
    assert (result.mean, result.heterogeneity.tau**2, result.error) == pytest.approx(expected, abs=1e-8)


def test_the_interval_is_hartung_and_knapps_with_a_floor() -> None:
    means, variances = BCG
    low, high = pooled(means, variances, spread=1.0, level=0.025).interval
    assert (low, high) == pytest.approx((-1.109099, -0.320838), abs=1e-6)  # statsmodels, use_t=True
    alike = pooled([8.75, 8.80, 8.70], [0.05] * 3, spread=1.0)
    assert alike.error == pytest.approx(math.sqrt(0.05 / 3))  # not 0.0289, as published: three means agree by luck


def test_the_spread_between_seeds_is_pooled_over_labs() -> None:
    labs = [LabResult("A", (8.0, 9.0)), LabResult("B", (7.0, 8.0, 9.0)), LabResult("C", (8.0,))]
    assert within(labs) == pytest.approx(math.sqrt((0.5 + 2.0) / 3))
    result = pool(labs)
    assert result.spread == within(labs)
    assert sum(result.weights) == pytest.approx(1)
    assert result.weights[1] > result.weights[0] > result.weights[2]


def test_one_lab_has_an_interval_and_no_heterogeneity() -> None:
    result = pool([LabResult("A", (8.0, 9.0, 10.0))])
    assert (result.mean, result.heterogeneity, result.prediction) == (9.0, None, None)
    assert result.interval == pytest.approx((9 - 2.919986 / math.sqrt(3), 9 + 2.919986 / math.sqrt(3)))


def test_labs_with_one_run_each_are_a_sample_whose_spread_has_no_source() -> None:
    result = pool([LabResult(name, (error,)) for name, error in (("A", 8.0), ("B", 9.0), ("C", 10.0))])
    assert result.mean == pytest.approx(9)
    assert (result.spread, result.heterogeneity) == (None, None)
    assert result.error == pytest.approx(1 / math.sqrt(3))


def test_labs_that_agree_exactly_have_no_width() -> None:
    result = pool([LabResult("A", (8.0,)), LabResult("B", (8.0,))])
    assert result.interval == (8.0, 8.0)
    assert pool([LabResult("A", (8.0, 8.0)), LabResult("B", (8.0, 8.0))]).interval == (8.0, 8.0)


def test_one_run_shows_no_spread() -> None:
    with pytest.raises(ValueError, match="at least two runs"):
        pool([LabResult("A", (8.0,))])


@pytest.mark.parametrize("labs", [3, 5])
@pytest.mark.parametrize("tau", [0.0, 0.5])
def test_the_interval_holds_the_mean_as_often_as_it_says(labs: int, tau: float) -> None:
    """90 %, where the usual interval holds it in 75 to 80 %; `python -m benchmarks.pooling` has all rows."""
    row = simulate(Setting(labs, 3, tau), 2_000, np.random.default_rng(15))
    assert row.ours > 0.88
    assert row.usual is not None
    assert row.usual < 0.83


def test_the_simulation_pools_as_the_service_does() -> None:
    from benchmarks.pooling import paule_mandel as vectorised

    means, variances = BCG
    (tau2,) = vectorised(np.array([means]), np.array([variances]))
    assert tau2 == pytest.approx(paule_mandel(means, variances), abs=1e-9)
