"""The learning rate against sec. 3.4 and 4.2."""

from itertools import pairwise

import pytest

from trainer.schedule import WARMUP_WINDOW, Rate, planned_drops
from trainer.spec import RunSpec


def cifar(**fields: object) -> RunSpec:
    return RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10"} | fields)


def test_rate_drops_after_32k_and_48k_iterations() -> None:
    rate = Rate(cifar())
    assert [rate.at(i) for i in (1, 32_000, 32_001, 48_000, 48_001, 64_000)] == [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]


@pytest.mark.parametrize(("lr", "factor"), [(0.1, 0.1), (0.3, 0.1), (0.05, 0.2), (0.1, 1 / 3)])
def test_planned_drops_are_those_that_the_loop_makes(lr: float, factor: float) -> None:
    spec = cifar(lr=lr, iterations=40, schedule={"kind": "steps", "at": [10, 20, 30], "factor": factor})
    rates = [Rate(spec).at(iteration) for iteration in range(1, 41)]
    changes = [(iteration, after) for iteration, (before, after) in enumerate(pairwise(rates), 1) if after != before]
    assert list(planned_drops(spec)) == changes


def test_a_plateau_plans_no_drops() -> None:
    assert planned_drops(cifar(schedule={"kind": "plateau"})) == ()


def test_depth_110_warms_up_until_the_training_error_is_below_80() -> None:
    rate = Rate(cifar(depth=110))
    for window, wrong in enumerate((90, 85, 80), start=1):
        rate.learn(window * WARMUP_WINDOW, wrong, 100)
        assert rate.at(window * WARMUP_WINDOW + 1) == 0.01
    rate.learn(4 * WARMUP_WINDOW, 79, 100)
    assert rate.at(4 * WARMUP_WINDOW + 1) == 0.1


def test_the_warmup_ends_only_at_the_end_of_a_window_however_the_points_arrive() -> None:
    whole, parts = Rate(cifar(depth=110)), Rate(cifar(depth=110))
    whole.learn(WARMUP_WINDOW, 50, 100)
    parts.learn(3, 5, 10)
    assert parts.state.warming
    parts.learn(WARMUP_WINDOW, 45, 90)
    assert parts.state == whole.state
    assert not parts.state.warming


def test_warmup_counts_towards_the_schedule() -> None:
    rate = Rate(cifar(depth=110))
    rate.learn(WARMUP_WINDOW, 0, 100)
    assert [rate.at(i) for i in (32_000, 32_001)] == [0.1, 0.01]


def test_warmup_needs_errors_only_while_it_lasts() -> None:
    rate = Rate(cifar(depth=110))
    assert rate.needs_errors_at(WARMUP_WINDOW)
    assert not rate.needs_errors_at(WARMUP_WINDOW + 1)
    rate.learn(WARMUP_WINDOW, 0, 100)
    assert not rate.needs_errors_at(2 * WARMUP_WINDOW)
    assert not Rate(cifar(depth=56)).needs_errors_at(WARMUP_WINDOW)


def test_plateau_drops_when_the_validation_error_stops_falling() -> None:
    rate = Rate(cifar(schedule={"kind": "plateau", "patience": 2, "threshold": 0.5}))
    for error in (50.0, 40.0, 39.8):
        rate.observe(error)
    assert rate.at(4) == 0.1
    rate.observe(40.0)
    assert rate.at(5) == 0.01


def test_plateau_without_validation_watches_the_training_error() -> None:
    rate = Rate(cifar(schedule={"kind": "plateau", "patience": 1}))
    for iteration, wrong in enumerate((50, 40, 40), start=1):
        rate.learn(iteration, wrong, 100)
        rate.observe(None)
    assert rate.state.drops == 1


def test_state_survives_as_json() -> None:
    rate = Rate(cifar(depth=110))
    rate.learn(7, 33, 70)
    rate.observe(41.5)
    again = Rate(cifar(depth=110))
    again.state = type(rate.state).model_validate_json(rate.state.model_dump_json())
    assert again.state == rate.state
