"""What the paper has to say about a specification: nothing where it is the paper's, a sentence where it is not."""

from typing import Any

import pytest

from paper import lint
from paper.lint import networks
from trainer.spec import RunSpec


def spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 56, "shortcut": "A", "dataset": "cifar10"} | fields)


def severities(**fields: Any) -> list[tuple[str, str]]:  # Any: a spec's fields
    return [(finding.field, finding.severity) for finding in lint.findings(spec(**fields))]


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110, 1202])
@pytest.mark.parametrize("train_images", [45_000, 50_000])
def test_the_papers_own_networks_keep_its_protocol(depth: int, train_images: int) -> None:
    assert lint.departures(spec(depth=depth, train_images=train_images)) == []


def test_the_papers_split_has_no_findings() -> None:
    assert severities(train_images=45_000, devices=2) == []
    assert severities(train_images=45_000) == [("devices", "warning")]  # BN sees 128 images, not 64


def test_training_on_every_image_leaves_no_validation() -> None:
    assert severities(devices=2) == [("train_images", "info")]
    assert severities(devices=2, train_images=None) == [("train_images", "info")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shortcut": "B"}, "shortcut"),
        ({"shortcut": "C"}, "shortcut"),
        ({"dataset": "cifar100"}, "dataset"),
        ({"batch_size": 64}, "batch_size"),
        ({"lr": 0.05}, "lr"),
        ({"momentum": 0.8}, "momentum"),
        ({"weight_decay": 5e-4}, "weight_decay"),
        ({"augment": "none"}, "augment"),
        ({"precision": "bf16"}, "precision"),
        ({"train_images": 40_000}, "train_images"),
        ({"warmup": {}}, "warmup"),
        ({"depth": 110, "warmup": None}, "warmup"),
        ({"depth": 110, "warmup": {"lr": 0.02}}, "warmup"),
        ({"schedule": {"kind": "steps", "at": [30_000, 48_000]}}, "schedule"),
        ({"schedule": {"kind": "steps", "at": [32_000, 48_000], "factor": 0.2}}, "schedule"),
        ({"schedule": {"kind": "plateau"}}, "schedule"),
    ],
)
def test_each_departure_is_reported_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert [finding.field for finding in lint.departures(spec(**fields))] == [field]


def test_a_shorter_run_with_its_drops_in_proportion_departs_in_its_length_only() -> None:
    findings = lint.findings(spec(iterations=6400, train_images=45_000, devices=2))
    assert [(finding.field, finding.severity) for finding in findings] == [
        ("iterations", "departure"),
        ("schedule", "info"),
    ]
    assert findings[0].message == "The paper trains for 64,000; this run for 6,400, a scale of 0.1."
    assert "at 3,200 and 4,800" in findings[1].message


def test_a_drop_that_is_never_reached_is_a_warning() -> None:
    assert ("schedule", "warning") in severities(iterations=100, schedule={"kind": "steps", "at": [50, 100]})


def test_a_depth_that_the_paper_does_not_train_is_info_and_not_a_departure() -> None:
    assert ("depth", "info") in severities(depth=26)
    assert ("depth", "info") in severities(depth=1202, shortcut="none")


def test_every_finding_names_a_field_of_the_spec() -> None:
    everything = spec(
        depth=26, shortcut="C", dataset="mnist", iterations=100, batch_size=1, lr=1, momentum=0, weight_decay=0,
        augment="none", precision="tf32", deterministic=False, warmup={}, schedule={"kind": "steps", "at": [1, 200]},
    )  # fmt: skip
    assert {finding.field for finding in lint.findings(everything)} <= set(RunSpec.model_fields)
    assert all(finding.section in ("4.2", None) for finding in lint.findings(everything))


IMAGENET_NETS = [
    (depth, shortcut) for depth, shortcuts in networks.IMAGENET_SHORTCUTS.items() for shortcut in shortcuts
]  # fmt: skip


def imagenet(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 50, "shortcut": "B", "dataset": "imagenet"} | fields)


@pytest.mark.parametrize(("depth", "shortcut"), IMAGENET_NETS)
def test_the_networks_of_tables_2_and_3_keep_section_3_4(depth: int, shortcut: str) -> None:
    assert lint.findings(imagenet(depth=depth, shortcut=shortcut, devices=8)) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shortcut": "A"}, "shortcut"),
        ({"depth": 18, "shortcut": "B"}, "shortcut"),
        ({"stride_in_1x1": False}, "stride_in_1x1"),
        ({"dataset": "imagenette", "family": "imagenet"}, "dataset"),
        ({"iterations": 450_000}, "iterations"),
        ({"batch_size": 128}, "batch_size"),
        ({"nesterov": True}, "nesterov"),
        ({"augment": "crop"}, "augment"),
        ({"schedule": {"kind": "steps", "at": [150_000, 300_000]}}, "schedule"),
        ({"schedule": {"kind": "plateau", "factor": 0.2}}, "schedule"),
        ({"train_images": 1_000_000}, "train_images"),
        ({"warmup": {}}, "warmup"),
    ],
)
def test_each_departure_from_section_3_4_is_reported_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert [finding.field for finding in lint.departures(imagenet(**fields))] == [field]


def test_what_the_paper_leaves_open_is_info_and_not_a_departure() -> None:
    spec = imagenet(decay_batch_norm=False, init="fan_in", schedule={"kind": "plateau", "patience": 9})
    assert lint.departures(spec) == []
    assert {finding.field for finding in lint.findings(spec)} == {"decay_batch_norm", "devices", "init", "schedule"}


def test_the_place_of_the_stride_matters_to_bottlenecks_only() -> None:
    assert lint.departures(imagenet(depth=34, stride_in_1x1=False)) == []


def test_drops_at_half_and_three_quarters_are_the_papers_on_cifar_only() -> None:
    halves = {"kind": "steps", "at": [300_000, 450_000]}
    assert [finding.rule for finding in lint.findings(imagenet(schedule=halves, devices=8))] == ["schedule"]
