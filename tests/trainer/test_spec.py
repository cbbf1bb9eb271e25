"""A specification: its defaults, and what it refuses, by family."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from trainer.spec import PlateauSchedule, RunSpec, StepSchedule


def spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10"} | fields)


def test_cifar_is_filled_in_with_section_4_2() -> None:
    filled = spec()
    assert (filled.family, filled.iterations, filled.batch_size, filled.evaluate_every) == ("cifar", 64_000, 128, 1000)
    assert (filled.lr, filled.momentum, filled.weight_decay, filled.nesterov) == (0.1, 0.9, 1e-4, False)
    assert filled.schedule == StepSchedule(at=(32_000, 48_000), factor=0.1)
    assert (filled.train_images, filled.augment, filled.warmup) == (50_000, "paper", None)


def test_imagenet_is_filled_in_with_section_3_4() -> None:
    filled = spec(dataset="imagenet", depth=152, shortcut="B")
    assert filled.family == "imagenet"
    assert (filled.iterations, filled.batch_size, filled.evaluate_every) == (600_000, 256, 5000)
    assert (filled.lr, filled.momentum, filled.weight_decay, filled.nesterov) == (0.1, 0.9, 1e-4, False)
    assert filled.schedule == PlateauSchedule(kind="plateau", factor=0.1)
    # Depth 152 is not a 6n+2 net with n ≥ 18: the warm-up is sec. 4.2's.
    assert (filled.train_images, filled.augment, filled.warmup, filled.stride_in_1x1) == (None, "paper", None, True)


def test_your_own_data_set_has_the_family_that_you_choose() -> None:
    assert spec(dataset="birds").family == "cifar"
    assert spec(dataset="birds", family="imagenet", depth=34).iterations == 600_000


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a depth that is not 6n+2": ({"depth": 18}, "depth", "depth must be 6n+2: 8, 14, 20, 26, 32"),
    "a depth that is not in Table 1": (
        {"dataset": "imagenet"},
        "depth",
        "depth must be 18, 34, 50, 101 or 152 in the imagenet family",
    ),
    "CIFAR-10 as ImageNet": (
        {"family": "imagenet", "depth": 18},
        "family",
        "cifar10 can only be trained with the cifar family",
    ),
    "ImageNet as CIFAR": (
        {"dataset": "imagenet", "family": "cifar"},
        "family",
        "imagenet can only be trained with the imagenet family",
    ),
    "more images than there are": ({"train_images": 50_001}, "train_images", "at most 50000"),
    "an init of another kind": ({"init": "fan_avg"}, "init", "'fan_out' or 'fan_in'"),
    "a switch that is not a boolean": ({"decay_batch_norm": 1}, "decay_batch_norm", "valid boolean"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_is_refused_at_its_field_with_a_message(kind: str) -> None:
    fields, field, words = REFUSED[kind]
    with pytest.raises(ValidationError) as refused:
        spec(**fields)
    # Defaults that depend on the invalid field are not reported.
    (fault,) = (error for error in refused.value.errors() if error["type"] != "default_factory_not_called")
    assert fault["loc"] == (field,)
    assert words in fault["msg"]


@pytest.mark.parametrize(
    "fields",
    [
        {"stride_in_1x1": False},
        {"nesterov": True},
        {"decay_batch_norm": False},
        {"init": "fan_in"},
        {"recompute_activations": True},
    ],
    ids=str,
)
def test_every_switch_is_part_of_the_hash(fields: dict[str, Any]) -> None:
    assert spec(**fields).hash() != spec().hash()


def test_a_specification_survives_its_canonical_json() -> None:
    for original in (spec(), spec(dataset="imagenet", depth=50), spec(dataset="birds", family="imagenet", depth=18)):
        text = original.canonical_json()
        assert RunSpec.model_validate_json(text) == original
        assert set(json.loads(text)) == set(RunSpec.model_fields)
