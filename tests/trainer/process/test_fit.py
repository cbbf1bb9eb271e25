"""The advice for a run that ran out of memory."""

from typing import Any

from trainer.plan import plan
from trainer.process.fit import advice
from trainer.spec import RunSpec

GIB = 2**30


def spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 1202, "shortcut": "A", "dataset": "cifar10"} | fields)


def test_the_numbers_are_the_plans_and_the_advice_fits() -> None:
    sentence = advice(spec(), 10, 8 * GIB)
    needed = plan(spec()).memory_bytes / 2**20
    assert f"a batch of 128 needs about {needed:,.0f} MiB" in sentence
    assert "the device has 8,192 MiB." in sentence
    assert "recompute_activations (identical results in about" in sentence
    most = int(sentence.split("batch_size of at most ")[1].rstrip("."))
    assert plan(spec(batch_size=most)).memory_bytes <= 0.85 * 8 * GIB < plan(spec(batch_size=most + 1)).memory_bytes


def test_an_option_that_is_already_on_is_not_advised() -> None:
    sentence = advice(spec(recompute_activations=True, batch_size=4096), 10, 8 * GIB)
    assert "recompute_activations" not in sentence
    assert "batch_size of at most" in sentence


def test_a_batch_stays_divisible_by_the_devices() -> None:
    sentence = advice(spec(batch_size=360, devices=3), 10, 8 * GIB)
    assert int(sentence.split("batch_size of at most ")[1].rstrip(".")) % 3 == 0


def test_the_advice_says_if_nothing_would_fit() -> None:
    assert advice(spec(), 10, GIB // 64).endswith("A smaller batch would not fit either.")
