"""The protocol check of a detection run: where its specification differs from sec. 4.3, App. A and [32].

The values compared with are the defaults of `DetectionSpec` for the paper's own run, so that each is written once. Its
sentences on detection are not among the quoted ones yet, so that findings name a section and quote nothing.
"""

from collections.abc import Iterator
from typing import Final, Literal

from paper.findings import Finding, Severity
from trainer.detection.spec import COCO, STRIDE, VOC, DetectionSpec

# Any weights: the paper's run starts from a classifier, whose hash is not compared.
SOME_START: Final = {"sha256": "0" * 64}
Source = Literal["The paper", "[32]", "py-faster-rcnn"]

# Who says a field's value; App. A refers to [32], and [32]'s code is py-faster-rcnn.
SOURCES: Final[dict[str, Source]] = {
    "stride_in_1x1": "The paper",
    "batch_norm": "The paper",
    "side": "[32]",
    "longest": "[32]",
    "anchors.sizes": "[32]",
    "anchors.ratios": "[32]",
    "rpn.channels": "py-faster-rcnn",
    "rpn.batch": "[32]",
    "rpn.positive_share": "[32]",
    "rpn.positive_overlap": "[32]",
    "rpn.negative_overlap": "[32]",
    "rpn.nms": "[32]",
    "rpn.min_size": "py-faster-rcnn",
    "rpn.train_before_nms": "py-faster-rcnn",
    "rpn.train_after_nms": "[32]",
    "rpn.test_before_nms": "py-faster-rcnn",
    "rpn.test_after_nms": "The paper",
    "roi.pooling": "The paper",
    "roi.batch": "py-faster-rcnn",
    "roi.positive_share": "py-faster-rcnn",
    "roi.positive_overlap": "py-faster-rcnn",
    "test.min_score": "py-faster-rcnn",
    "test.nms": "py-faster-rcnn",
    "test.most": "py-faster-rcnn",
    "iterations": "py-faster-rcnn",
    "batch_size": "py-faster-rcnn",
    "lr": "[32]",
    "momentum": "[32]",
    "schedule.at": "py-faster-rcnn",
    "schedule.factor": "[32]",
    "augment": "py-faster-rcnn",
    "precision": "[32]",
    "ap": "The paper",
}
# Fields on which paper and [32] are silent: another value is told, and keeps nothing from being compared.
OPEN: Final = {
    "freeze_up_to": "The paper does not say which layers are fixed; py-faster-rcnn fixes conv1 and conv2 of VGG-16.",
    "roi.size": "The paper does not say how large a pooled region is.",
    "weight_decay": "The paper does not say; py-faster-rcnn uses 5e-4 for VGG-16, and 1e-4 is usual for ResNets.",
    "devices": "The paper trains on COCO with 8 devices, and does not say for VOC.",
}


def findings(spec: DetectionSpec) -> list[Finding]:
    """Every finding on a detection specification, in the order of its fields."""
    order = {field: position for position, field in enumerate(DetectionSpec.model_fields)}
    unsorted = [*_data(spec), *_start(spec), *_differences(spec), *_sizes(spec), _joint_training()]
    return sorted(unsorted, key=lambda finding: order.get(finding.field.partition(".")[0], len(order)))


def _data(spec: DetectionSpec) -> Iterator[Finding]:
    if spec.dataset not in (VOC, COCO):
        message = f"The paper detects objects of PASCAL VOC and COCO; this run uses {spec.dataset}."
        yield _finding("detection-data", "dataset", "departure", message)
    if spec.validation:
        message = "The paper trains on trainval; this run keeps val apart."
        yield _finding("detection-split", "validation", "departure", message)
    if spec.network not in ("resnet101", "vgg16"):
        message = f"The paper uses VGG-16 and ResNet-101; this run uses {spec.name}."
        yield _finding("detection-network", "network", "departure", message)


def _start(spec: DetectionSpec) -> Iterator[Finding]:
    if spec.start is None:
        message = "The paper starts from a classifier trained on ImageNet; this run starts from scratch."
        yield _finding("detection-start", "start", "departure", message)


def _differences(spec: DetectionSpec) -> Iterator[Finding]:
    own, paper = _flat(spec), _flat(_papers(spec))
    for field, value in own.items():
        if field in SOURCES and value != paper[field]:
            message = f"{SOURCES[field]} uses {_text(paper[field])}; this run uses {_text(value)}."
            yield _finding("detection-protocol", field, "departure", message)
        elif field in OPEN and value != paper[field]:
            yield _finding("detection-open", field, "info", f"{OPEN[field]} This run uses {_text(value)}.")


def _sizes(spec: DetectionSpec) -> Iterator[Finding]:
    large = [size for size in spec.anchors.sizes if size > spec.side]
    if large:
        listed = ", ".join(map(str, large))
        message = f"Anchors of {listed} pixels exceed the image's side of {spec.side}, so nearly all cross its border."
        yield _finding("detection-anchors", "anchors.sizes", "warning", message)
    if min(spec.anchors.sizes) < STRIDE:
        message = f"Anchors below the maps' stride of {STRIDE} pixels leave gaps between them."
        yield _finding("detection-stride", "anchors.sizes", "warning", message)


def _joint_training() -> Finding:
    message = "Proposals and regions are trained jointly; [32] trains them in four alternating steps."
    return _finding("detection-training", "task", "departure", message)


def _papers(spec: DetectionSpec) -> DetectionSpec:
    """The paper's run on the same kind of data; an own data set is compared with VOC's."""
    return DetectionSpec.model_validate(
        {
            "task": "detection",
            "dataset": COCO if spec.dataset == COCO else VOC,
            "network": spec.network,
            "start": SOME_START,
        }
    )


def _flat(spec: DetectionSpec) -> dict[str, object]:
    """Every value by its name, such as rpn.batch."""
    values: dict[str, object] = {}
    for name, value in spec.model_dump().items():
        values |= (
            {f"{name}.{part}": inner for part, inner in value.items()} if isinstance(value, dict) else {name: value}
        )
    return values


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case tuple():
            return ", ".join(map(_text, value)) or "none"
        case _:
            return str(value)


def _finding(rule: str, field: str, severity: Severity, message: str) -> Finding:
    return Finding(
        rule=rule, field=field, severity=severity, message=message, section="App. A", quote=None, casualty=None
    )
