"""The specification of a detection run: defaults, refusals, and that classification keeps its hashes."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from trainer import tasks
from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec

# Of two specifications as they were stored before `task` existed.
HASHES = {
    "CIFAR": (
        {"depth": 20, "shortcut": "A", "dataset": "cifar10"},
        "b940ebfc058548cecf6da82162d8c44c62e94edd1b5a7bbc404526569c2b2a0a",
    ),
    "IMAGENET": (
        {"depth": 50, "shortcut": "B", "dataset": "imagenet"},
        "51b2d607793b6ec84cd964770acad6aa9f2b13a92f73fca6960d70092d0e3c91",
    ),
}
START = {"sha256": "0" * 64}


def detection(**fields: Any) -> DetectionSpec:
    return DetectionSpec.model_validate({"task": "detection", "dataset": "voc07+12"} | fields)


@pytest.mark.parametrize("name", HASHES)
def test_a_classification_keeps_the_hash_that_it_had_before_there_were_tasks(name: str) -> None:
    fields, digest = HASHES[name]
    spec = RunSpec.model_validate(fields)
    assert spec.hash() == digest
    assert "task" not in json.loads(spec.canonical_json())
    assert RunSpec.model_validate(fields | {"task": "classification"}).canonical_json() == spec.canonical_json()


def test_a_text_without_a_task_classifies() -> None:
    fields = {"depth": 20, "shortcut": "A", "dataset": "cifar10"}
    assert isinstance(tasks.parse(json.dumps(fields).encode()), RunSpec)
    assert isinstance(tasks.parse(json.dumps(fields | {"task": "classification"}).encode()), RunSpec)
    assert isinstance(tasks.parse(b'{"task": "detection", "dataset": "bccd"}'), DetectionSpec)


@pytest.mark.parametrize("content", [b"not json", b"[]", b'{"task": "segmentation"}', b'{"task": "detection"}'])
def test_another_text_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        tasks.parse(content)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("detection", "task must be classification here, not detection"),
        ("segmentation", "task must be classification or detection"),
    ],
)
def test_a_classification_of_another_task_is_refused_in_a_sentence(task: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RunSpec.model_validate({"task": task, "depth": 20, "shortcut": "A", "dataset": "cifar10"})


def test_voc_is_filled_in_with_section_4_3_and_32() -> None:
    spec = detection(start=START)
    assert (spec.network, spec.stride_in_1x1, spec.batch_norm, spec.freeze_up_to) == ("resnet101", True, "frozen", 2)
    assert (spec.side, spec.longest, spec.anchors.sizes, spec.anchors.ratios) == (
        *(600, 1000),
        *((128, 256, 512), (0.5, 1.0, 2.0)),
    )
    assert (spec.rpn.channels, spec.rpn.batch, spec.rpn.positive_share, spec.rpn.min_size) == (512, 256, 0.5, 16)
    assert (spec.rpn.positive_overlap, spec.rpn.negative_overlap, spec.rpn.nms) == (0.7, 0.3, 0.7)
    assert (spec.rpn.train_before_nms, spec.rpn.train_after_nms) == (12_000, 2_000)
    assert (spec.rpn.test_before_nms, spec.rpn.test_after_nms) == (6_000, 300)
    assert spec.roi.model_dump() == {
        "pooling": "pool",
        "size": 14,
        "batch": 128,
        "positive_share": 0.25,
        "positive_overlap": 0.5,
    }
    assert spec.test.model_dump() == {"min_score": 0.05, "nms": 0.3, "most": 100}
    assert (spec.iterations, spec.schedule.at, spec.lr, spec.batch_size) == (70_000, (50_000,), 0.001, 1)
    assert (spec.momentum, spec.weight_decay, spec.ap) == (0.9, 1e-4, "voc07")


def test_coco_is_filled_in_with_appendix_a() -> None:
    spec = detection(dataset="coco")
    assert (spec.iterations, spec.schedule.at, spec.batch_size) == (320_000, (240_000,), 8)
    assert (spec.anchors.sizes, spec.ap) == ((64, 128, 256, 512), "coco")


def test_from_scratch_all_layers_and_batch_norms_are_trained() -> None:
    assert (detection().batch_norm, detection().freeze_up_to) == ("live", 0)


def test_vgg_16_pools_7_by_7() -> None:
    assert (detection(network="vgg16").roi.size, detection(network="vgg16").name) == (7, "VGG-16")
    assert detection().name == "ResNet-101"


def test_every_field_has_a_part_in_the_hash() -> None:
    spec = detection()
    assert json.loads(spec.canonical_json()).keys() == DetectionSpec.model_fields.keys()
    assert tasks.parse(spec.canonical_json().encode()) == spec
    assert spec.hash() != detection(seed=1).hash() != detection(anchors={"sizes": [64, 128]}).hash()


def test_a_detector_that_starts_from_moving_averages_keeps_the_hash_that_it_had_before_statistics() -> None:
    spec = detection(start=START)
    assert json.loads(spec.canonical_json())["start"] == START
    assert spec == detection(start=START | {"statistics": "moving_average"})
    exact = detection(start=START | {"statistics": "training_set"})
    assert json.loads(exact.canonical_json())["start"]["statistics"] == "training_set"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"network": "resnet20"}, "network", "resnet18"),
        ({"side": 600, "longest": 500}, "longest", "longest must be at least side, 600"),
        ({"side": 1200}, "longest", "longest must be at least side, 1200"),
        ({"side": 100}, "anchors", "anchors must include one that fits into an image of side 100"),
        ({"anchors": {"sizes": [256, 128]}}, "anchors.sizes", "sizes must be in ascending order"),
        ({"anchors": {"sizes": []}}, "anchors.sizes", "at least 1 item"),
        ({"rpn": {"negative_overlap": 0.8}}, "rpn.negative_overlap", "must not exceed positive_overlap"),
        ({"batch_norm": "frozen"}, "batch_norm", "batch_norm must be live without start weights"),
        ({"start": {"sha256": "abc"}}, "start.sha256", "should match pattern"),
        ({"batch_size": 3, "devices": 2}, "devices", "3 images cannot be shared equally by 2 devices"),
        ({"roi": {"size": 14, "pooling": "crop"}}, "roi.pooling", "'pool' or 'align'"),
        ({"depth": 101}, "depth", "Extra inputs are not permitted"),
    ],
)
def test_is_refused_at_its_field_with_a_message(fields: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        detection(**fields)
    messages = {".".join(map(str, fault["loc"])): fault["msg"] for fault in refusal.value.errors()}
    assert message in messages[field]


def test_a_part_that_is_given_in_part_has_the_networks_defaults() -> None:
    spec = DetectionSpec.model_validate(
        {"task": "detection", "dataset": "coco", "network": "vgg16", "roi": {"batch": 16}, "anchors": {"ratios": [1]}}
    )
    assert (spec.roi.size, spec.roi.batch) == (7, 16)
    assert (spec.anchors.sizes, spec.anchors.ratios) == ((64, 128, 256, 512), (1.0,))
