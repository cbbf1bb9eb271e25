"""Rules on a detector's data, its start weights and its metric (App. A)."""

from collections.abc import Iterator

from paper.findings import Casualty
from paper.lint.detection.sources import DetectionSubject
from paper.lint.rule import Remark, rule
from trainer.detection.spec import COCO, VOC


@rule("detection-data", "departure", "detection-voc-data")
def other_data(subject: DetectionSubject) -> Iterator[Remark]:
    """Detectors are trained on PASCAL VOC 07+12 or COCO."""
    if subject.spec.dataset not in (VOC, COCO):
        yield (
            "dataset",
            f"The paper detects objects of PASCAL VOC and COCO; this run uses {subject.spec.dataset}.",
        )


@rule(
    "detection-coco-split",
    "warning",
    "detection-coco-data",
    Casualty(
        text="A result on COCO was compared with one of another training and validation set, which explained the gap.",
        issue="jwyang/faster-rcnn.pytorch#359",
    ),
)
def coco_split(subject: DetectionSubject) -> Iterator[Remark]:
    """COCO is trained on its train set and tested on its val set of 2014, not on 2017's split."""
    if subject.spec.dataset.startswith(COCO) and subject.spec.dataset != COCO:
        text = "The split of 2017 trains on most of the images that the paper tests with"
        yield "dataset", f"This looks like COCO. {text}; name the paper's split {COCO}."


@rule("detection-split", "departure", "detection-voc-data")
def validation(subject: DetectionSubject) -> Iterator[Remark]:
    """VOC's training and validation images are trained on together."""
    if subject.spec.validation:
        yield "validation", "The paper trains on trainval; this run keeps val apart."


@rule(
    "detection-start",
    "departure",
    "detection-start",
    Casualty(
        text="ResNet-101 trained on VOC 2007 without pre-trained weights reached an mAP of about 0.001.",
        issue="jwyang/faster-rcnn.pytorch#231",
    ),
)
def start(subject: DetectionSubject) -> Iterator[Remark]:
    """Training starts from a classifier trained on ImageNet."""
    if subject.spec.start is None:
        yield "start", "The paper starts from a classifier trained on ImageNet; this run starts from scratch."


@rule(
    "detection-metric",
    "departure",
    "detection-metrics",
    Casualty(
        text="The same detections on VOC 2007 have an mAP of 76.0 by 11 points and 78.6 by area.",
        issue="DetectionTeamUCAS/FPN_Tensorflow#135",
    ),
)
def metric(subject: DetectionSubject) -> Iterator[Remark]:
    """mAP is VOC 2007's, of 11 points, on VOC and COCO's on COCO."""
    yield from subject.differences("ap")


@rule(
    "detection-difficult",
    "departure",
    None,
    Casualty(
        text="Counting difficult objects lowered YOLOv2's mAP on VOC 2007 from 77.4 to 69.8.",
        issue="blue-oil/blueoil#87",
    ),
)
def difficult(subject: DetectionSubject) -> Iterator[Remark]:
    """Objects of VOC that are marked as difficult count neither way."""
    if subject.spec.ap == "coco" and subject.spec.dataset != COCO:
        yield "ap", "COCO's average precision counts objects that VOC marks as difficult, and VOC's own does not."


@rule("detection-augmentation", "departure", "detection-hyper-parameters")
def augmentation(subject: DetectionSubject) -> Iterator[Remark]:
    """Half of the training images are mirrored, as in [32]'s code."""
    yield from subject.differences("augment")


RULES = (other_data, coco_split, validation, start, metric, difficult, augmentation)
