"""Missing seeds: said, and a verdict's bound is the worst that they could have made of it."""

import random

import pytest

from benchmarks.attrition import keep_the_best, stop_at_the_first_word
from paper.claims import CLAIMS, evaluate
from paper.results import LastError, RunResult
from paper.statistics import Sample, sample
from paper.studies.attrition import WORST, Fate, MissingSeed, attrition, bounded
from paper.studies.claim_seeds import claim_attrition
from paper.studies.member import MemberResult, StudyNetwork
from paper.verdicts import Outcome, outcome
from trainer.spec import RunSpec

MEAN_OF_FIVE = Sample(6.61, 0.16, 5)


def lost(count: int, fate: Fate = "cancelled") -> list[MissingSeed]:
    return [MissingSeed(seed=10 + number, fate=fate) for number in range(count)]


def test_what_became_of_each_seed_is_said() -> None:
    missing = [MissingSeed(seed=3, fate="failed", reason="out_of_memory"), *lost(2), *lost(1, "deleted")]
    assert attrition(3, missing).sentence == "3 of 7 seeds (1 failed: out of memory, 2 cancelled, 1 deleted)."
    assert attrition(1, []).sentence == "1 of 1 seed."


@pytest.mark.parametrize(("fate", "is_provisional"), [("unfinished", True), ("not evaluated", True), ("failed", False)])
def test_a_verdict_is_provisional_while_seeds_are_outstanding(fate: Fate, is_provisional: bool) -> None:
    result = bounded([6.6, 6.62, 6.64], lost(1, fate), "reproduced", MEAN_OF_FIVE)
    assert result.is_provisional is is_provisional
    assert result.sentence.startswith("Provisional: ") is is_provisional


@pytest.mark.parametrize(
    ("errors", "theirs", "missing", "bound"),
    [
        ([6.60, 6.62, 6.64], MEAN_OF_FIVE, 3, "worse"),  # three equal errors outweigh three
        ([6.60, 6.62, 6.64], MEAN_OF_FIVE, 1, "inconclusive"),  # one widens the spread more than it moves the mean
        ([8.74, 8.75, 8.76], 8.75, 3, "inconclusive"),
        ([9.5, 9.6, 9.7], 8.75, 1, "inconclusive"),
        ([7.5, 7.6, 7.7], MEAN_OF_FIVE, 4, "better"),
    ],
)
def test_the_bound_is_the_most_contrary_outcome(
    errors: list[float], theirs: float | Sample, missing: int, bound: Outcome
) -> None:
    conclusion = outcome(sample(errors), theirs)
    assert bounded(errors, lost(missing), conclusion, theirs).bound == bound


def test_no_errors_of_the_missing_seeds_contradict_a_verdict_more_than_its_bound() -> None:
    """Missing errors drawn one by one, where the search takes them as equal."""
    drawn = random.Random(4)  # noqa: S311 (no secret)
    for _ in range(60):
        theirs: float | Sample = 8.75 if drawn.random() < 0.5 else Sample(8.75, 0.2, 5)
        errors = [drawn.gauss(8.75 + drawn.choice([0, 0.8]), 0.15) for _ in range(3)]
        missing = drawn.randint(1, 4)
        conclusion = outcome(sample(errors), theirs)
        bound = bounded(errors, lost(missing), conclusion, theirs).bound
        order = [*WORST[conclusion], conclusion]
        for _ in range(60):
            width = 10 ** drawn.uniform(-2, 1.5)
            others = [min(100.0, max(0.0, drawn.gauss(errors[0], width))) for _ in range(missing)]
            reached = outcome(sample([*errors, *others]), theirs)
            assert bound is not None
            assert order.index(reached) >= order.index(bound), (errors, others, reached, bound)


def test_the_verdict_changes_at_the_errors_that_are_named() -> None:
    errors = [8.74, 8.75, 8.76]
    result = bounded(errors, lost(1), "reproduced", 8.75)
    assert result.tips_below is not None
    assert result.tips_above is not None
    for tip, inwards in ((result.tips_below, 0.001), (result.tips_above, -0.001)):
        assert outcome(sample([*errors, tip]), 8.75) != "reproduced"
        assert outcome(sample([*errors, tip + inwards]), 8.75) == "reproduced"
    assert f"had ended below {result.tips_below:.2f} % or above {result.tips_above:.2f} %" in result.sentence


def test_without_missing_seeds_or_without_errors_there_is_no_bound() -> None:
    assert bounded([8.7, 8.8, 8.75], [], "reproduced", 8.75).bound is None
    assert bounded([], lost(3), "inconclusive", 8.75).bound is None
    assert bounded([8.7, 8.8], lost(3), "not comparable", 8.75).bound is None


def test_keeping_the_best_half_gives_false_verdicts_that_are_marked() -> None:
    """Before: 37 % of such studies said "reproduced", and nothing beside it."""
    rate = keep_the_best(studies=1000)
    assert rate.false == pytest.approx(0.37, abs=0.045)
    assert rate.unmarked == 0


def test_stopping_at_the_first_word_gives_false_verdicts_that_are_marked() -> None:
    """Before: 8.2 % of such studies said "worse". What is left unmarked waited for every seed."""
    rate = stop_at_the_first_word(studies=1000)
    assert rate.false == pytest.approx(0.082, abs=0.027)
    assert rate.unmarked < 0.02


def network(depth: int, *states: str) -> StudyNetwork:
    """Runs of a plain network, one for each state, with the seeds 0, 1, ….  A deleted one leaves its seed only."""
    results = [
        RunResult(
            spec=RunSpec(depth=depth, shortcut="none", dataset="cifar10", seed=seed),
            last={"single view": LastError(depth / 4 + seed / 50)} if state == "succeeded" else {},
            train_error=depth / 10 + seed / 50 if state == "succeeded" else None,
        )
        for seed, state in enumerate(states)
    ]
    members = tuple(
        MemberResult.model_validate(
            {
                "label": f"plain-{depth}", "seed": seed, "tests": (), "state": state, "result": results[seed],
                "parameters": 1, "multiply_adds": 1, "weighted_layers": depth,
            }
        )
        for seed, state in enumerate(states) if state != "deleted"
    )  # fmt: skip
    return StudyNetwork(
        f"plain-{depth}", members, deleted=tuple(i for i, state in enumerate(states) if state == "deleted")
    )


def test_a_claim_says_the_seeds_of_each_network_and_is_undecided_at_worst() -> None:
    networks = [
        network(20, *["succeeded"] * 3),
        network(56, *["succeeded"] * 3, "cancelled", "deleted"),
    ]
    runs = [result for own in networks for result in own.succeeded]
    (claim,) = evaluate(runs, 1.0, [claim for claim in CLAIMS if claim.id == "degradation"])
    assert claim.status == "holds"
    (seeds,) = claim_attrition([claim], networks, {})
    assert [(own.network, own.counted, own.planned) for own in seeds.networks] == [
        ("plain-20", 3, 3),
        ("plain-56", 3, 5),
    ]
    assert (seeds.bound, seeds.is_provisional) == ("undecided", False)
    assert seeds.sentence == (
        "plain-20: 3 of 3 seeds; plain-56: 3 of 5 seeds (1 cancelled, 1 deleted). "
        "If the missing seeds had been the worst, the claim would be undecided."
    )
