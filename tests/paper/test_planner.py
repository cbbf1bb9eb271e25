"""Plans beside the field's tables, assumptions that name their source, and a study that adds seeds until it decides."""

import numpy as np
import pytest
import scipy  # scipy.stats, whose import takes a second, is loaded by its first use

from paper import published, spread
from paper.planner import LOOKS, next_seeds, plan
from paper.power import (
    FEWEST_SEEDS,
    LEVEL,
    chance_to_confirm,
    chance_to_decide,
    power_of_difference,
    seeds_for_difference,
    seeds_to_decide,
    smallest_difference,
)
from paper.printed import PrintedValue
from paper.results import LastError, LastErrors
from paper.statistics import Sample, sample
from paper.verdicts import outcome
from trainer.spec import RunSpec

RESNET_110 = published.value(6, "ResNet-110", "error")
RESNET_56 = published.value(6, "ResNet-56", "error")


def last(*errors: float) -> LastErrors:
    return LastErrors(tuple(LastError(error) for error in errors))


def spec(depth: int, shortcut: str = "A", dataset: str = "cifar10") -> RunSpec:
    return RunSpec.model_validate({"depth": depth, "shortcut": shortcut, "dataset": dataset})


@pytest.mark.parametrize(("effect", "seeds"), [(0.5, 51), (1.0, 14)])
def test_seeds_per_network_agree_with_statsmodels_solve_power(effect: float, seeds: int) -> None:
    """TTestIndPower().solve_power(effect, alpha=0.05, power=0.8, alternative="larger"): 50.15 and 13.09, rounded up."""
    assert seeds_for_difference(effect, 1.0) == seeds


def test_the_power_is_that_of_noncentral_t() -> None:
    expected = scipy.stats.nct.sf(scipy.stats.t.ppf(0.95, 8), 8, 0.5 / (0.25 * (2 / 5) ** 0.5))
    assert power_of_difference(0.5, 0.25, 5) == pytest.approx(expected, rel=1e-9)


def test_the_smallest_difference_is_detected_with_that_power() -> None:
    assert power_of_difference(smallest_difference(0.25, 5), 0.25, 5) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("theirs", [Sample(6.61, 0.16, 5), 6.61], ids=["a mean", "one number"])
@pytest.mark.parametrize("std", [0.16, 0.25, 0.35])
def test_a_wider_spread_takes_more_seeds_and_they_suffice(theirs: Sample | float, std: float) -> None:
    seeds = seeds_to_decide(Sample(6.61, std, 2), theirs)
    assert seeds is not None
    assert chance_to_decide(Sample(6.61, std, seeds), theirs) >= 0.8
    wider = seeds_to_decide(Sample(6.61, 2 * std, 2), theirs)
    assert wider is not None
    assert wider > seeds


# The network's spread between seeds as others report it, the seeds that were planned for a power of 0.8, and the chance
# that these seeds confirm the network's own printed run.
PLANNED = [
    (20, 0.203, 4, 0.75),
    pytest.param(56, 0.234, 4, 0.62, marks=pytest.mark.long),
    pytest.param(44, 0.351, 7, 0.49, marks=pytest.mark.long),
    pytest.param(32, 0.474, 10, 0.36, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("depth", "std", "seeds", "chance"), PLANNED)
def test_the_printed_run_is_itself_drawn_around_the_networks_mean(
    depth: int, std: float, seeds: int, chance: float
) -> None:
    value = published.value(6, f"ResNet-{depth}", "error")
    assert plan(spec(depth), seeds, theirs=value).power == pytest.approx(chance, abs=0.01)
    assert confirming(std, seeds) == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize(
    ("seeds", "std", "chance"),
    [
        (10, 0.5, 0.32),
        *(pytest.param(*case, marks=pytest.mark.long) for case in [(3, 0.16, 0.77), (4, 0.25, 0.56), (5, 0.35, 0.37)]),
    ],
)
def test_the_chance_to_be_called_the_same_counts_the_printed_runs_luck(seeds: int, std: float, chance: float) -> None:
    assert chance_to_confirm(std, seeds, 0.0) == pytest.approx(chance, abs=0.01)
    assert confirming(std, seeds) == pytest.approx(chance, abs=0.01)


@pytest.mark.parametrize(
    ("seeds", "std", "their_std"),
    [(4, 0.25, 0.16), *(pytest.param(*case, marks=pytest.mark.long) for case in [(3, 0.16, 0.16), (10, 0.35, 0.16)])],
)
def test_beside_a_mean_of_five_its_own_luck_counts_as_well(seeds: int, std: float, their_std: float) -> None:
    rng = np.random.default_rng(3)
    ours, means = rng.normal(0, std, (10_000, seeds)).tolist(), rng.normal(0, their_std / 5**0.5, 10_000).tolist()
    confirmed = sum(
        outcome(sample(errors), Sample(mean, their_std, 5)) == "reproduced"
        for errors, mean in zip(ours, means, strict=True)
    )
    assert chance_to_confirm(std, seeds, Sample(0.0, their_std, 5)) == pytest.approx(confirmed / 10_000, abs=0.015)


def confirming(std: float, seeds: int, many: int = 10_000) -> float:
    """The share of studies of one network that are called reproduced beside one more run of the same network."""
    rng = np.random.default_rng(15)
    errors, printed = rng.normal(0, std, (many, seeds)).tolist(), rng.normal(0, std, many).tolist()
    studies = zip(errors, printed, strict=True)
    return sum(outcome(sample(ours), theirs) == "reproduced" for ours, theirs in studies) / many


@pytest.mark.parametrize(("depth", "needed"), [(20, 5), (56, 7), (44, None), (32, None)])
def test_a_plan_says_what_confirming_the_papers_single_run_takes(depth: int, needed: int | None) -> None:
    seed_plan = plan(spec(depth), 5, theirs=published.value(6, f"ResNet-{depth}", "error"))
    assert seed_plan.needed == needed
    if needed is None:
        assert "Even 100 seeds would confirm the paper's value in only" in seed_plan.sentence
    else:
        assert f"Confirming the paper's value takes {needed} seeds (power 0.8)" in seed_plan.sentence


def test_with_a_wide_spread_the_rest_of_the_budget_is_used() -> None:
    step = next_seeds(last(6.1, 7.3, 6.9), RESNET_56, 12)
    assert step.add == 9
    assert "even 100 seeds would often not confirm the paper's value" in step.reason


def test_a_difference_between_both_answers_is_never_decided() -> None:
    assert seeds_to_decide(Sample(7.11, 0.4, 2), 6.61) is None


def test_a_prior_spread_names_its_source() -> None:
    own, others = spread.prior("ResNet-110 A", "CIFAR-10"), spread.prior("ResNet-20 A", "CIFAR-10")
    assert own is not None
    assert own.std == 0.16
    assert own.source == "a spread of 0.16 points, the paper's for ResNet-110 A (Table 6)"
    assert others is not None
    assert others.std == 0.203
    assert others.source.endswith("reported by others for ResNet-20 A")


def test_without_a_reported_spread_the_largest_is_assumed() -> None:
    plain = spread.prior("plain-56", "CIFAR-10")
    assert plain is not None
    assert plain.std == 0.474
    assert "the largest that others report on CIFAR-10 (ResNet-32 A)" in plain.source
    assert spread.prior("ResNet-34 A", "ImageNet") is None


def test_a_plan_uses_the_observed_spread_once_there_is_one() -> None:
    before = plan(spec(110), 5, theirs=RESNET_110)
    assert before.std == 0.16
    assert before.assumption is not None
    assert before.needed == 3
    after = plan(spec(110), 5, last(6.2, 6.9, 6.6), RESNET_110)
    assert after.std == pytest.approx(np.std([6.2, 6.9, 6.6], ddof=1))
    assert after.assumption is None
    assert after.needed is not None
    assert after.needed > before.needed


def test_a_plan_says_which_difference_the_seeds_detect() -> None:
    seed_plan = plan(spec(56), 5, theirs=RESNET_56)
    assert seed_plan.smallest_difference == pytest.approx(smallest_difference(0.234, 5))
    assert seed_plan.needed_per_network == seeds_for_difference(0.5, 0.234)
    assert seed_plan.sentence == (
        "With 5 seeds per network you can detect a difference of 0.40 points (power 0.8). Confirming the paper's value "
        "takes 7 seeds (power 0.8); 5 do so in 72 % of cases."
    )


def test_one_seed_or_no_known_spread_decides_nothing() -> None:
    assert plan(spec(56), 1).smallest_difference is None
    unknown = plan(spec(34, dataset="imagenet"), 3)
    assert (unknown.std, unknown.needed, unknown.needed_per_network) == (None, None, None)
    assert "to decide anything" in plan(spec(56), 1).sentence


def test_the_first_seeds_come_together_and_within_the_budget() -> None:
    assert next_seeds(last(), RESNET_110, 10).add == FEWEST_SEEDS
    assert next_seeds(last(6.6), RESNET_110, 2).add == 1


def test_a_study_ends_decided_or_with_its_budget_or_its_looks_spent() -> None:
    assert next_seeds(last(6.6, 6.61, 6.62), RESNET_110, 10).add == 0
    doubtful = last(6.1, 7.3, 6.9)
    assert next_seeds(doubtful, RESNET_110, 3).reason == "The budget of 3 seeds is used up."
    assert next_seeds(doubtful, RESNET_110, 20, looks_left=1).add == 0
    assert next_seeds(doubtful, RESNET_110, 20, looks_left=2).add == 17
    assert 1 <= next_seeds(doubtful, RESNET_110, 20).add <= 17


def adaptive(errors: list[float], theirs: PrintedValue) -> str:
    """The verdict of a study that adds the seeds the planner recommends."""
    runs, looks_left = 0, LOOKS
    while add := next_seeds(last(*errors[:runs]), theirs, len(errors), looks_left).add:
        looks_left -= runs >= FEWEST_SEEDS
        runs += add
    return outcome(sample(errors[:runs]), theirs.value, LEVEL / LOOKS)


@pytest.mark.parametrize(
    ("truth", "false"), [(0.0, "better"), (0.5, "reproduced"), pytest.param(-0.5, "reproduced", marks=pytest.mark.long)]
)
def test_adding_seeds_until_decided_errs_no_more_often(truth: float, false: str) -> None:
    """1,000 complete studies against one number: exact for equivalence, one run of the same spread for a difference."""
    rng, many = np.random.default_rng(8), 1000
    luck = rng.normal(0, 0.3, many) if false == "better" else np.zeros(many)
    errors = rng.normal(RESNET_56.value + truth, 0.3, (many, 12)) - luck[:, None]
    wrong = sum(adaptive(study, RESNET_56) == false for study in errors.tolist())
    assert wrong / many <= 0.05 + 3 * (0.05 * 0.95 / many) ** 0.5


def test_seeds_with_equal_errors_detect_any_difference() -> None:
    same = LastErrors((LastError(9.0), LastError(9.0)))
    assert plan(RunSpec(depth=20, shortcut="none", dataset="digits"), 2, same).needed_per_network == 2
