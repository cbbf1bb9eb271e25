"""What is said to whoever ran out of memory."""

from typing import Any

from trainer.plan import plan
from trainer.process.fit import advice
from trainer.spec import RunSpec

GIB = 2**30


def spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 1202, "shortcut": "A", "dataset": "cifar10"} | fields)


def test_the_numbers_are_the_plans_and_what_would_fit_does() -> None:
    told = advice(spec(), 10, 8 * GIB)
    needed = plan(spec()).memory_bytes / 2**20
    assert f"a batch of 128 needs about {needed:,.0f} MiB" in told
    assert "the device has 8,192 MiB" in told
    assert "recompute_activations, the same numbers in about" in told
    most = int(told.split("batch_size up to ")[1].split()[0])
    assert plan(spec(batch_size=most)).memory_bytes <= 0.85 * 8 * GIB < plan(spec(batch_size=most + 1)).memory_bytes


def test_what_was_done_already_is_not_advised() -> None:
    told = advice(spec(recompute_activations=True, batch_size=4096), 10, 8 * GIB)
    assert "recompute_activations" not in told
    assert "batch_size up to" in told


def test_a_batch_stays_divisible_by_the_devices() -> None:
    told = advice(spec(batch_size=360, devices=3), 10, 8 * GIB)
    assert int(told.split("batch_size up to ")[1].split()[0]) % 3 == 0


def test_where_nothing_would_fit_that_is_said() -> None:
    assert advice(spec(), 10, GIB // 64).endswith("no smaller batch would fit")
