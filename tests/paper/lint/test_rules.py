"""The rules themselves, and those whose message or moment needs a case of its own."""

from typing import Any

import pytest

from paper import lint
from paper.findings import Finding
from paper.lint.facts import Result
from paper.lint.rule import Rule, Specification
from trainer.spec import RunSpec

ALL: list[Rule[Specification] | Rule[Result]] = [*lint.RULES, *lint.RESULT_RULES]

# A specification that trips each rule, as the difference from ResNet-56 A on CIFAR-10.
IMAGENET = {"dataset": "imagenet", "depth": 50, "shortcut": "B"}
TRIPPED: dict[str, dict[str, Any]] = {  # Any: a spec's fields
    "option-a": {"shortcut": "B"},
    "published-depth": {"depth": 26},
    "imagenet-option-a": IMAGENET | {"depth": 18, "shortcut": "C"},
    "imagenet-option-b": IMAGENET | {"shortcut": "A"},
    "plain-bottleneck": IMAGENET | {"shortcut": "none"},
    "stride-in-3x3": IMAGENET | {"stride_in_1x1": False},
    "initialisation": {"init": "fan_in"},
    "imagenet-network-on-cifar": IMAGENET | {"dataset": "cifar10-large", "family": "imagenet"},
    "other-data": {"dataset": "cifar100"},
    "image-copy": {"dataset": "cifar10-jpeg75"},
    "validation-split": {"train_images": 50_000},
    "other-split": {"train_images": 40_000},
    "part-of-imagenet": IMAGENET | {"train_images": 1_000_000},
    "augmentation": {"augment": "crop"},
    "batch-size": {"batch_size": 64},
    "learning-rate": {"lr": 0.05},
    "momentum": {"momentum": 0.8},
    "nesterov": {"nesterov": True},
    "weight-decay": {"weight_decay": 5e-4},
    "decay-off": {"weight_decay": 0.0},
    "decay-batch-norm": {"decay_batch_norm": False},
    "scale": {"iterations": 32_000},
    "iterations": {"iterations": 78_000},
    "longer-training": IMAGENET | {"depth": 34, "shortcut": "none", "iterations": 1_800_000},
    "epochs-for-iterations": {"iterations": 200},
    "drops-in-epochs": {"schedule": {"kind": "steps", "at": [82, 123]}},
    "schedule": {"schedule": {"kind": "steps", "at": [39_000, 59_000]}},
    "drops-in-proportion": {"iterations": 32_000},
    "drop-never-reached": {"iterations": 40_000, "schedule": {"kind": "steps", "at": [32_000, 48_000]}},
    "warm-up-missing": {"depth": 110, "warmup": None},
    "warm-up-added": {"warmup": {}},
    "warm-up-other": {"depth": 110, "warmup": {"lr": 0.02}},
    "warm-up-never-ends": {"depth": 110, "warmup": {"until_train_error": 1.0}},
    "warm-up-not-lower": {"depth": 110, "warmup": {"lr": 0.1}},
    "precision": {"precision": "bf16"},
    "deterministic": {"deterministic": False},
    "batch-norm-share": {"devices": 8},
    "plateau": IMAGENET | {"schedule": {"kind": "plateau", "patience": 1}},
    "plateau-reading": IMAGENET | {"schedule": {"kind": "plateau", "patience": 9}},
    "training-error-thinned": {"log_every": 100},
    "measured-once": {"iterations": 100, "evaluate_every": 1000},
}


def findings_by_rule(**fields: Any) -> dict[str, Finding]:  # Any: a spec's fields
    spec = RunSpec.model_validate({"depth": 56, "shortcut": "A", "dataset": "cifar10", "train_images": 45_000} | fields)
    return {finding.rule: finding for finding in lint.findings(spec)}


@pytest.mark.parametrize("name", TRIPPED)
def test_each_rule_finds_what_it_is_for(name: str) -> None:
    fields = {"train_images": None} | TRIPPED[name] if "dataset" in TRIPPED[name] else TRIPPED[name]
    finding = findings_by_rule(**fields)[name]
    assert finding.field in RunSpec.model_fields
    assert not finding.message.lower().replace("_", " ").startswith(finding.field.replace("_", " "))  # shown before it


def test_every_rule_of_a_specification_is_tripped_above() -> None:
    """Except those on unknown fields, which only a result made elsewhere has: test_unknown.py."""
    assert {rule.name for rule in lint.RULES} == {*TRIPPED, "not-said", "not-said-either"}


def test_there_are_more_than_twenty_rules_each_with_its_own_name() -> None:
    assert len(lint.RULES) > 20
    assert len({rule.name for rule in ALL}) == len(ALL)
    assert all(rule.demands for rule in ALL)


def test_a_departure_rests_on_a_sentence_of_the_paper() -> None:
    """Except two things that the paper could not know about: our precisions, and a data set that changed."""
    silent = {rule.name for rule in ALL if rule.severity == "departure" and not rule.quotes}
    assert silent == {"precision", "data-changed"}


def test_a_finding_quotes_the_sentence_of_its_family_and_names_the_casualty() -> None:
    cifar = findings_by_rule(batch_size=64)["batch-size"]
    imagenet = findings_by_rule(dataset="imagenet", depth=50, shortcut="B", train_images=None, batch_size=64)[
        "batch-size"
    ]
    assert (cifar.section, imagenet.section) == ("4.2", "3.4")
    assert cifar.quote == "These models are trained with a mini-batch size of 128 on two GPUs."
    assert imagenet.quote == "We use SGD with a mini-batch size of 256."
    assert cifar.casualty is not None
    assert cifar.casualty.issue == "facebookarchive/fb.resnet.torch#201"


def test_epochs_taken_for_iterations_are_translated() -> None:
    finding = findings_by_rule(iterations=164, train_images=50_000)["epochs-for-iterations"]
    assert finding.message == "164 mini-batches are less than one epoch (391). If you mean 164 epochs, set 64,124."
    assert "epochs-for-iterations" not in findings_by_rule(iterations=400)


def test_a_copy_of_cifar_is_reported_once() -> None:
    rules = findings_by_rule(dataset="cifar10-jpeg75", train_images=None)
    assert "image-copy" in rules
    assert "other-data" not in rules


def test_no_decay_is_reported_once() -> None:
    assert [rule for rule in findings_by_rule(weight_decay=0.0) if "decay" in rule] == ["decay-off"]


def test_the_papers_two_gpus_share_its_batch_and_four_do_not() -> None:
    assert "batch-norm-share" not in findings_by_rule(devices=2)
    assert "32 images on each of 4 devices" in findings_by_rule(devices=4)["batch-norm-share"].message


def test_training_shorter_than_the_warm_up_gets_a_warning() -> None:
    assert "this run has 320 in all" in findings_by_rule(depth=110, iterations=320)["warm-up-never-ends"].message
    assert "warm-up-never-ends" not in findings_by_rule(depth=110)
