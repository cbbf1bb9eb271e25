"""The lint of a run that has ended: by itself, and among those that it is shown with."""

from dataclasses import replace
from typing import Any

import pytest

from paper import lint, published
from paper.lint import Conditions, Neighbours, Result
from trainer.spec import RunSpec

RAN = Conditions("cpu", {"torch": "2.14.1", "trainer": "0.1.0"}, "c1fa", "a" * 64)


def result(seed: int = 0, **changes: Any) -> Result:  # Any: a result's facts
    spec = RunSpec(depth=20, shortcut="A", dataset="cifar10", train_images=45_000, devices=2, seed=seed)
    whole = Result(spec, iteration=64_000, test_error=8.6, test_images=10_000, conditions=[RAN])
    return replace(whole, **changes)


def messages(ended: Result) -> dict[str, str]:
    return {finding.rule: finding.message for finding in lint.of_result(ended)}


def test_a_result_that_follows_the_protocol_with_five_seeds_has_no_findings() -> None:
    assert messages(result(neighbours=Neighbours([result(seed) for seed in range(1, 5)]))) == {}


def test_one_seed_decides_nothing_between_neighbouring_depths() -> None:
    assert list(messages(result())) == ["one-seed"]
    assert "one-seed" not in messages(result(neighbours=Neighbours([result(1)])))


def test_another_specification_is_not_a_second_seed() -> None:
    other = RunSpec(depth=32, shortcut="A", dataset="cifar10", train_images=45_000, devices=2, seed=1)
    assert "one-seed" in messages(result(neighbours=Neighbours([result(spec=other)])))


def test_the_papers_best_of_five_needs_five() -> None:
    def deep(seed: int) -> Result:
        return result(spec=RunSpec(depth=110, shortcut="A", dataset="cifar10", seed=seed), warmed_up_at=400)

    assert messages(replace(deep(0), neighbours=Neighbours([deep(1)])))["one-seed"].startswith(
        "This experiment has 2 of the 5 seeds"
    )
    assert "one-seed" not in messages(replace(deep(0), neighbours=Neighbours([deep(seed) for seed in range(1, 5)])))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"iteration": 32_000}, "unfinished"),
        ({"forked_at": 1000}, "from-scratch"),
        ({"quoted": "best on test"}, "best-on-test"),
        ({"test_images": 2_000}, "test-images"),
        ({"conditions": [RAN, replace(RAN, device="NVIDIA H100")]}, "changed-midway"),
        ({"conditions": [RAN, replace(RAN, source="b" * 64)]}, "changed-midway"),
    ],
)
def test_each_departing_fact_is_reported(changes: dict[str, Any], rule: str) -> None:
    assert rule in messages(result(neighbours=Neighbours([result(1)]), **changes))


@pytest.mark.parametrize(
    ("neighbour", "rule"),
    [
        (replace(RAN, versions={"torch": "2.9.0", "trainer": "0.1.0"}), "torch-version"),
        (replace(RAN, versions={"torch": "2.14.1", "trainer": "0.2.0"}), "trainer-version"),
        (replace(RAN, source="b" * 64), "trainer-source"),
        (replace(RAN, device="NVIDIA H100"), "device"),
        (replace(RAN, data_hash="0ther"), "data-changed"),
    ],
)
def test_a_difference_from_a_neighbour_is_reported(neighbour: Conditions, rule: str) -> None:
    assert list(messages(result(neighbours=Neighbours([result(1, conditions=[neighbour])])))) == [rule]


def test_a_warm_up_that_never_ended_is_reported() -> None:
    deep = result(spec=RunSpec(depth=110, shortcut="A", dataset="cifar10"))
    assert "never below 80 %" in messages(deep)["warm-up-never-ended"]
    assert "warm-up-never-ended" not in messages(replace(deep, warmed_up_at=412))
    # A fork of iteration 50,000 has rates of 0.001 only: that says nothing of a warm-up.
    assert "warm-up-never-ended" not in messages(replace(deep, forked_at=50_000))


def test_too_good_is_a_warning_on_the_papers_own_data_only() -> None:
    published_error = published.value(6, "ResNet-20", "error").value
    good = result(test_error=published_error - 0.7, neighbours=Neighbours([result(1)]))
    assert messages(good)["too-good"].startswith("This is 0.70 points below the paper's")
    assert messages(result(test_error=published_error - 0.4, neighbours=Neighbours([result(1)]))) == {}
    deep = RunSpec(depth=110, shortcut="A", dataset="cifar10")
    assert "the paper's mean" in messages(result(spec=deep, test_error=6.04))["too-good"]  # the casualty's own number
    digits = RunSpec(depth=20, shortcut="A", dataset="digits", iterations=400)
    assert "too-good" not in messages(result(spec=digits, iteration=400, test_error=1.0, test_images=360))


def test_centre_crop_errors_are_not_compared_with_ten_crops() -> None:
    spec = RunSpec(depth=50, shortcut="B", dataset="imagenet")
    ended = result(spec=spec, iteration=600_000, test_error=24.0, test_images=50_000)
    assert "ten crops" in messages(ended)["centre-crop"]


def test_runs_that_are_shown_together_are_read_once_for_all_of_them() -> None:
    """A certificate of 2,000 runs is checked in linear time."""
    read: list[Conditions] = []

    def device(conditions: Conditions) -> str:
        read.append(conditions)
        return conditions.device

    shown = Neighbours([result(seed) for seed in range(20)])
    assert [shown.values(device) for _ in range(20)] == [{"cpu"}] * 20
    assert len(read) == 20
