"""No silent departure: every field of a specification is changed, alone and in pairs, from the paper's own recipes."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import pytest

from paper import lint
from paper.findings import Severity
from paper.lint.networks import DEPTHS, IMAGENET_SHORTCUTS, PLAIN_DEPTHS
from trainer.spec import RunSpec

Change = tuple[str, Any]  # Any: a field's value
RANK: Final[dict[Severity | None, int]] = {None: 0, "info": 1, "warning": 2, "unknown": 3, "departure": 4}
PLATEAU: Final = {"kind": "plateau"}

# What the paper trains, exactly: CIFAR-10 on 45k images (the split its schedule was determined with) and two devices,
# ImageNet on eight devices of 32 images (the authors' release).
CIFAR = [
    RunSpec(depth=depth, shortcut=shortcut, dataset="cifar10", train_images=45_000, devices=2)
    for shortcut, depths in (("A", DEPTHS), ("none", PLAIN_DEPTHS))
    for depth in depths
]
IMAGENET = [
    RunSpec(depth=depth, shortcut=shortcut, dataset="imagenet", devices=8)
    for depth, shortcuts in IMAGENET_SHORTCUTS.items()
    for shortcut in shortcuts
]
EXACT = frozenset((*CIFAR, *IMAGENET))

# For each field: values that change the experiment, with the least severity that must be reported; None for those that
# do not change it. A field that is added to RunSpec must be added here.
EITHER: dict[str, list[tuple[Any, Severity | None]]] = {  # Any: a field's value
    "seed": [(1, None), (2**32 - 1, None)],
    "lr": [(0.05, "departure"), (0.1001, "departure"), (1.0, "departure")],
    "momentum": [(0.0, "departure"), (0.95, "departure")],
    "nesterov": [(True, "departure")],
    "weight_decay": [(0.0, "departure"), (5e-4, "departure")],
    "decay_batch_norm": [(False, "info")],
    "init": [("fan_in", "info")],
    "augment": [("none", "departure"), ("crop", "departure")],
    "precision": [("tf32", "departure"), ("bf16", "departure")],
    "recompute_activations": [(True, None)],
    "checkpoint_every": [(1, None), (10_000_000, None)],
    "log_every": [(2, "warning"), (1000, "warning")],
    "deterministic": [(False, "warning")],
}
ON_CIFAR: dict[str, list[tuple[Any, Severity | None]]] = EITHER | {
    "dataset": [("cifar100", "departure"), ("my-images", "departure"), ("cifar10-jpeg", "departure")],
    "family": [],  # fixed by the data set
    "depth": [(8, "info"), (26, "info"), (20, None), (56, None), (110, "departure"), (6002, "info")],
    "shortcut": [("B", "departure"), ("C", "departure"), ("A", None), ("none", None)],
    "iterations": [(1, "departure"), (6400, "departure"), (63_999, "departure"), (64_001, "departure")],
    "batch_size": [(64, "departure"), (256, "departure")],
    "schedule": [
        ({"kind": "steps", "at": [32_000, 47_999]}, "departure"),
        ({"kind": "steps", "at": [32_000, 48_000], "factor": 0.2}, "departure"),
        ({"kind": "steps", "at": []}, "departure"),
        (PLATEAU, "departure"),
    ],
    "warmup": [({}, "departure"), ({"lr": 0.02}, "departure"), ({"until_train_error": 70.0}, "departure")],
    "train_images": [(50_000, "info"), (None, "info"), (44_999, "departure"), (1, "departure")],
    "stride_in_1x1": [(False, None)],  # there are no bottlenecks
    "evaluate_every": [(1, None), (500, None), (100_000, "info")],
    "devices": [(1, "warning"), (4, "warning"), (64, "warning")],
}
ON_IMAGENET: dict[str, list[tuple[Any, Severity | None]]] = EITHER | {
    "dataset": [("my-images", "departure")],  # with the imagenet family
    "family": [],
    "depth": [(18, None), (34, None), (50, None), (152, None)],
    "shortcut": [("A", None), ("B", None), ("C", None), ("none", None)],
    "iterations": [(1, "departure"), (60_000, "departure"), (599_999, "departure"), (600_001, "departure")],
    "batch_size": [(128, "departure"), (512, "departure")],
    "schedule": [
        ({"kind": "steps", "at": [150_000, 300_000]}, "departure"),
        (PLATEAU | {"factor": 0.5}, "departure"),
        (PLATEAU | {"patience": 1}, "departure"),
        (PLATEAU | {"patience": 1000}, "departure"),
        (PLATEAU | {"patience": 9}, "info"),
        (PLATEAU | {"threshold": 0.0}, "departure"),
        (PLATEAU | {"threshold": 100.0}, "departure"),
        (PLATEAU | {"threshold": 0.5}, "info"),
    ],
    "warmup": [({}, "departure"), ({"lr": 0.05, "until_train_error": 90.0}, "departure")],
    "train_images": [(1_281_167, None), (1_281_166, "departure"), (1000, "departure")],
    "stride_in_1x1": [(False, None)],  # a departure for bottlenecks: below
    "evaluate_every": [
        (1, "departure"), (500, "departure"), (4000, "info"), (100_000, "departure"), (700_000, "departure"),
    ],
    "devices": [(1, "warning"), (4, "warning"), (16, "warning")],
}  # fmt: skip


def all_changes(table: dict[str, list[tuple[Any, Severity | None]]]) -> Iterator[Change]:  # Any: a field's value
    return ((field, value) for field, values in table.items() for value, _ in values)


def with_changes(exact: RunSpec, *applied: Change) -> RunSpec:
    """The recipe with these fields changed, and no other: a stored specification is complete."""
    return RunSpec.model_validate(exact.model_dump() | dict(applied))


def severity(spec: RunSpec) -> Severity | None:
    """The gravest finding's."""
    return max((finding.severity for finding in lint.findings(spec)), key=RANK.__getitem__, default=None)


@pytest.mark.parametrize("table", [ON_CIFAR, ON_IMAGENET])
def test_every_field_of_a_specification_is_changed(table: dict[str, Any]) -> None:  # Any: see ON_CIFAR
    assert table.keys() == RunSpec.model_fields.keys()


@pytest.mark.parametrize("spec", [*CIFAR, *IMAGENET], ids=lambda spec: f"{spec.dataset}-{spec.name}")
def test_the_exact_protocol_has_no_finding(spec: RunSpec) -> None:
    assert lint.findings(spec) == []


@pytest.mark.parametrize("spec", [*CIFAR, *IMAGENET], ids=lambda spec: f"{spec.dataset}-{spec.name}")
def test_a_field_that_changes_the_experiment_is_a_finding(spec: RunSpec) -> None:
    table = ON_CIFAR if spec.family == "cifar" else ON_IMAGENET
    for field, values in table.items():
        for value, least in values:
            other = with_changes(spec, (field, value))
            if other in EXACT:
                assert lint.findings(other) == [], (field, value)
            else:
                assert RANK[severity(other)] >= RANK[least], (field, value)
                assert least is None or any(_is_about(finding.field, field) for finding in lint.findings(other))


def test_a_field_that_changes_nothing_is_no_finding() -> None:
    for spec, table in ((CIFAR[0], ON_CIFAR), (IMAGENET[0], ON_IMAGENET)):
        for field in ("seed", "recompute_activations", "checkpoint_every", "stride_in_1x1"):
            for value, _ in table[field]:
                assert lint.findings(with_changes(spec, (field, value))) == [], (field, value)
    assert lint.findings(with_changes(CIFAR[0], ("evaluate_every", 500))) == []


def test_the_stride_of_a_bottleneck_is_a_departure() -> None:
    bottlenecks = [spec for spec in IMAGENET if spec.depth >= 50]
    assert all(severity(with_changes(spec, ("stride_in_1x1", False))) == "departure" for spec in bottlenecks)


@pytest.mark.parametrize("spec", [*CIFAR, *IMAGENET], ids=lambda spec: f"{spec.dataset}-{spec.name}")
def test_no_second_change_hides_the_first(spec: RunSpec) -> None:
    """Two changes that together are another exact recipe have no finding; other pairs keep the graver of theirs."""
    table = ON_CIFAR if spec.family == "cifar" else ON_IMAGENET
    alone = {str(change): severity(with_changes(spec, change)) for change in all_changes(table)}
    for first, second in combinations(all_changes(table), 2):
        if first[0] == second[0]:
            continue
        both = with_changes(spec, first, second)
        gravest = severity(both)
        if "deterministic" not in (first[0], second[0]):
            assert (gravest is None) == (experiment(both) in EXACT), (first, second)
        if experiment(both) not in EXACT and {first[0], second[0]} not in TIED:
            expected = max(RANK[alone[str(first)]], RANK[alone[str(second)]])
            assert RANK[gravest] >= expected, (first, second, gravest)


# Fields that the paper ties to each other, so that one change can make up for another.
TIED: Final = (
    {"depth", "shortcut"}, {"depth", "warmup"}, {"depth", "stride_in_1x1"}, {"schedule", "evaluate_every"},
)  # fmt: skip


def experiment(spec: RunSpec) -> RunSpec:
    """The specification without what cannot change its numbers, or only as another seed does."""
    same: dict[str, Any] = {"seed": 0, "checkpoint_every": 1000, "recompute_activations": False}  # Any: a field's value
    if spec.depth < 50 or spec.family == "cifar":
        same["stride_in_1x1"] = True  # only bottlenecks have it
    if spec.family == "cifar" and spec.schedule.kind == "steps" and spec.evaluate_every <= spec.iterations:
        same["evaluate_every"] = 1000  # decides nothing
    if spec.dataset == "imagenet" and spec.train_images == 1_281_167:
        same["train_images"] = None  # all of them
    return spec.model_copy(update=same)


def _is_about(finding_field: str, field: str) -> bool:
    """A change of the iterations or the depth shows in the fields that hang on them."""
    tied = {"depth": {"warmup", "depth", "shortcut"}, "iterations": {"iterations", "schedule", "evaluate_every"}}
    return finding_field in tied.get(field, {field})
