"""Rules on the detector: backbone, batch normalisation, anchors, proposals and regions (App. A, [32])."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.detection.sources import OPEN, DetectionSubject, text
from paper.lint.rule import Remark, rule
from trainer.detection.spec import STRIDE


@rule("detection-network", "departure", "detection-networks")
def network(subject: DetectionSubject) -> Iterator[Remark]:
    """Tables 7 and 8 compare VGG-16 with ResNet-101."""
    if subject.spec.network not in ("resnet101", "vgg16"):
        yield "network", f"The paper uses VGG-16 and ResNet-101; this run uses {subject.spec.name}."


@rule(
    "detection-stride",
    "departure",
    "downsampling",
    Casualty(
        text="mAP on VOC fell from 73 to 58 with torchvision's ResNet-50, which has another stride, colours and mean.",
        issue="facebookresearch/maskrcnn-benchmark#643",
    ),
)
def stride(subject: DetectionSubject) -> Iterator[Remark]:
    """A bottleneck's stride is in its first 1×1 layer, as in the network that was pre-trained."""
    yield from subject.differences("stride_in_1x1")


@rule(
    "detection-batch-norm",
    "departure",
    "detection-batch-norm",
    Casualty(
        text="ResNet-50 reached an mAP of 47 on VOC 2007 with trained batch normalisation, and 65 with it fixed.",
        issue="XiaozhiChen/resnet-generator#4",
    ),
)
def batch_norm(subject: DetectionSubject) -> Iterator[Remark]:
    """Batch normalisation is fixed while the detector is trained."""
    yield from subject.differences("batch_norm")


@rule("detection-statistics", "departure", "detection-batch-norm")
def statistics(subject: DetectionSubject) -> Iterator[Remark]:
    """The fixed statistics of batch normalisation are computed in a pass over the training set, after pre-training."""
    spec = subject.spec
    is_frozen = spec.network != "vgg16" and spec.batch_norm == "frozen"
    if is_frozen and spec.start and spec.start.statistics != "training_set":
        paper = "The paper computes batch norm statistics over the training set after pre-training"
        yield "start.statistics", f"{paper}; this run keeps the moving averages of the classifier's training."


@rule("detection-side", "departure", "detection-single-scale")
def side(subject: DetectionSubject) -> Iterator[Remark]:
    """Images are scaled to a shorter side of 600 pixels, or less where the longer side would exceed 1,000."""
    yield from subject.differences("side", "longest")


@rule("detection-anchor-sizes", "departure", "detection-hyper-parameters")
def anchor_sizes(subject: DetectionSubject) -> Iterator[Remark]:
    """Anchors have [32]'s sizes and ratios."""
    yield from subject.differences("anchors.sizes", "anchors.ratios")


@rule("detection-proposals", "departure", "detection-sharing")
def proposals(subject: DetectionSubject) -> Iterator[Remark]:
    """Regions are proposed as in [32], 300 of them in tests."""
    yield from subject.differences(*(field for field in subject.own if field.startswith("rpn.")))


@rule(
    "detection-pooling",
    "departure",
    "detection-pooling",
    Casualty(
        text="ResNet-101 on VOC 2007: an mAP of 74.3 with RoI pooling, and 75.2 with RoIAlign.",
        issue="vacancy/PreciseRoIPooling#1",
    ),
)
def pooling(subject: DetectionSubject) -> Iterator[Remark]:
    """Regions are cut from the maps by RoI pooling before conv5_1."""
    yield from subject.differences("roi.pooling")


@rule(
    "detection-regions",
    "departure",
    "detection-hyper-parameters",
    Casualty(
        text="ResNet-50 on COCO: 36.8 with 256 regions an image, and 37.8 with 512 and a longer schedule.",
        issue="tensorpack/tensorpack#780",
    ),
)
def regions(subject: DetectionSubject) -> Iterator[Remark]:
    """128 regions of an image are trained on, a quarter of them objects."""
    yield from subject.differences("roi.batch", "roi.positive_share", "roi.positive_overlap")


@rule("detection-reporting", "departure", "detection-hyper-parameters")
def reporting(subject: DetectionSubject) -> Iterator[Remark]:
    """Detections are reported as by [32]'s code: scores above 0.05, NMS at 0.3, at most 100 an image."""
    yield from subject.differences("test.min_score", "test.nms", "test.most")


@rule("detection-open", "info")
def left_open(subject: DetectionSubject) -> Iterator[Remark]:
    """Where paper and [32] are silent, another value than the usual one is reported."""
    for field, sentence in OPEN.items():
        if subject.own[field] != subject.paper[field]:
            yield field, f"{sentence} This run uses {text(subject.own[field])}."


@rule(
    "detection-large-anchors",
    "warning",
    None,
    Casualty(
        text="Training learns nothing where the anchors don't have the objects' sizes.",
        issue="rbgirshick/py-faster-rcnn#86",
    ),
)
def large_anchors(subject: DetectionSubject) -> Iterator[Remark]:
    """Anchors fit into the image: those across its border are not trained on."""
    large = [size for size in subject.spec.anchors.sizes if size > subject.spec.side]
    if large:
        text = f"Anchors of {', '.join(map(str, large))} pixels exceed the image's side of {subject.spec.side}"
        yield "anchors.sizes", f"{text}, so nearly all cross its border."


@rule(
    "detection-small-anchors",
    "warning",
    "detection-sharing",
    Casualty(
        text="Objects below 16 pixels are missed: the maps have one position for every 16.",
        issue="yhenon/keras-frcnn#35",
    ),
)
def small_anchors(subject: DetectionSubject) -> Iterator[Remark]:
    """Anchors, and so objects, are not smaller than the maps' stride of 16 pixels."""
    if min(subject.spec.anchors.sizes) < STRIDE:
        yield "anchors.sizes", f"Anchors below the maps' stride of {STRIDE} pixels leave gaps between them."


RULES = (
    network,
    stride,
    batch_norm,
    statistics,
    side,
    anchor_sizes,
    proposals,
    pooling,
    regions,
    reporting,
    left_open,
    large_anchors,
    small_anchors,
)
