"""The protocol check of detection: the paper's run departs in its joint training only, and each change is told once."""

from typing import Any

import pytest

from paper.lint.detection import RULES, findings
from paper.lint.detection.sources import OPEN, SOURCES
from trainer.detection.spec import DetectionSpec

START = {"sha256": "1" * 64, "statistics": "training_set"}
# One other value of each field that decides a result.
CHANGES: dict[str, Any] = {
    "stride_in_1x1": False,
    "batch_norm": "live",
    "side": 800,
    "longest": 1333,
    "anchors.sizes": [64, 128, 256],
    "anchors.ratios": [1.0],
    "rpn.channels": 1024,
    "rpn.batch": 128,
    "rpn.positive_share": 0.25,
    "rpn.positive_overlap": 0.6,
    "rpn.negative_overlap": 0.4,
    "rpn.nms": 0.8,
    "rpn.min_size": 0.0,
    "rpn.train_before_nms": 2000,
    "rpn.train_after_nms": 1000,
    "rpn.test_before_nms": 1000,
    "rpn.test_after_nms": 1000,
    "roi.pooling": "align",
    "roi.batch": 512,
    "roi.positive_share": 0.5,
    "roi.positive_overlap": 0.6,
    "test.min_score": 0.0,
    "test.nms": 0.5,
    "test.most": 300,
    "iterations": 90_000,
    "batch_size": 16,
    "lr": 0.02,
    "momentum": 0.8,
    "schedule.at": [60_000],
    "schedule.factor": 0.5,
    "augment": "none",
    "precision": "bf16",
    "ap": "area",
    "freeze_up_to": 0,
    "context": True,
    "roi.size": 7,
    "weight_decay": 5e-4,
}


def spec(change: str | None = None, **fields: Any) -> DetectionSpec:
    plain = DetectionSpec.model_validate({"task": "detection", "dataset": "voc07+12", "start": START} | fields)
    if change is None:
        return plain
    values = plain.model_dump(mode="json")
    whole, _, part = change.rpartition(".")
    (values[whole] if whole else values)[part] = CHANGES[change]
    return DetectionSpec.model_validate(values)


def rules(of: DetectionSpec) -> set[tuple[str, str]]:
    return {(finding.rule, finding.field) for finding in findings(of)}


@pytest.mark.parametrize("network", ["resnet101", "vgg16"])
@pytest.mark.parametrize("dataset", ["voc07+12", "coco"])
def test_the_papers_run_departs_in_its_joint_training_only(network: str, dataset: str) -> None:
    assert rules(spec(network=network, dataset=dataset)) == {("detection-training", "training")}


def test_in_four_steps_the_papers_run_on_voc_does_not_depart_and_cocos_mini_batches_do() -> None:
    assert rules(spec(training="four_step")) == set()
    assert rules(spec(training="four_step", dataset="coco")) == {("detection-fast-batch", "training")}


@pytest.mark.parametrize("field", CHANGES)
def test_each_change_is_reported_at_its_field(field: str) -> None:
    reported = [finding for finding in findings(spec(field)) if finding.rule != "detection-training"]
    assert [finding.field for finding in reported] == [field]
    assert reported[0].severity == ("info" if field in OPEN else "departure")


def test_every_field_that_decides_a_result_has_a_source() -> None:
    assert {*SOURCES, *OPEN} - {"devices"} == CHANGES.keys()
    decided = {name.partition(".")[0] for name in (*SOURCES, *OPEN)}
    elsewhere = {"task", "dataset", "network", "start", "training", "validation"}  # rules of their own
    indifferent = {"seed", "evaluate_every", "checkpoint_every", "log_every", "deterministic"}
    assert decided | elsewhere | indifferent == DetectionSpec.model_fields.keys()


def test_a_rehearsal_on_small_images_from_scratch_says_what_it_is() -> None:
    rehearsal = DetectionSpec.model_validate(
        {"task": "detection", "dataset": "bccd", "network": "resnet18", "side": 160, "anchors": {"sizes": [8, 96, 192]}}
    )
    assert rules(rehearsal) >= {
        ("detection-data", "dataset"),
        ("detection-network", "network"),
        ("detection-start", "start"),
        ("detection-batch-norm", "batch_norm"),
        ("detection-large-anchors", "anchors.sizes"),
        ("detection-small-anchors", "anchors.sizes"),
    }
    messages = {finding.field: finding.message for finding in findings(rehearsal)}
    assert messages["side"] == "The paper uses 600; this run uses 160."


def test_validation_images_kept_apart_are_a_departure() -> None:
    assert ("detection-split", "validation") in rules(spec(validation=True))


def test_findings_quote_the_paper_and_name_a_known_case() -> None:
    reported = {finding.rule: finding for finding in findings(spec("batch_norm"))}
    live = reported["detection-batch-norm"]
    assert live.quote == "Then the BN layers are fixed during fine-tuning for object detection."
    assert live.casualty is not None
    assert live.casualty.issue == "XiaozhiChen/resnet-generator#4"


def test_every_rule_reports_what_it_demands_to_be_otherwise() -> None:
    violations = [
        *(spec(field) for field in CHANGES),
        spec(dataset="bccd", network="resnet18", start=None, validation=True),
        spec(dataset="coco2017", ap="coco", anchors={"sizes": [8, 512, 1024]}),
        spec(dataset="coco", lr=0.02, training="four_step"),
        spec(start={"sha256": "1" * 64}),
    ]
    reported = {finding.rule for violation in violations for finding in findings(violation)}
    assert reported == {rule.name for rule in RULES}
    assert len(reported) == len(RULES)


def test_the_split_of_2017_is_not_the_papers() -> None:
    assert ("detection-coco-split", "dataset") in rules(spec(dataset="coco2017"))
    assert ("detection-coco-split", "dataset") not in rules(spec(dataset="coco"))


def test_cocos_precision_counts_the_difficult_objects_of_voc() -> None:
    assert ("detection-difficult", "ap") in rules(spec(ap="coco"))
    assert ("detection-difficult", "ap") not in rules(spec(dataset="coco"))
