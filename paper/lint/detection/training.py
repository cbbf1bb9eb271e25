"""Rules on how a detector is trained: its steps, mini-batch, learning rate and arithmetic (App. A, [32])."""

from collections.abc import Iterator

from paper import published
from paper.findings import Casualty
from paper.lint.detection.sources import DetectionSubject
from paper.lint.rule import Remark, rule
from trainer.detection.spec import COCO

FIELDS = ("iterations", "batch_size", "lr", "momentum", "schedule.at", "schedule.factor")


@rule(
    "detection-training",
    "departure",
    "detection-hyper-parameters",
    Casualty(
        text="On VOC 2007 joint training reached an mAP of 69.3, and alternating training 69.6.",
        issue="apache/mxnet#3327",
    ),
)
def joint_training(subject: DetectionSubject) -> Iterator[Remark]:
    """Proposals and regions are trained in four alternating steps."""
    if subject.spec.training == "joint":
        yield "training", "Proposals and regions are trained jointly; [32] trains them in four alternating steps."


@rule("detection-fast-batch", "departure", "detection-coco-batch")
def fast_batch(subject: DetectionSubject) -> Iterator[Remark]:
    """On COCO a mini-batch has 8 images in the steps of proposals, and 16 in those of regions."""
    if subject.spec.dataset == COCO and subject.spec.training == "four_step":
        proposing, classifying = (int(published.number(name)) for name in ("coco-rpn-batch", "coco-fast-batch"))
        paper = f"The paper's mini-batches have {proposing} images for proposals and {classifying} for regions"
        yield "training", f"{paper}; this run's have {subject.spec.batch_size} in every step."


@rule("detection-voc-schedule", "departure", "detection-hyper-parameters")
def voc_schedule(subject: DetectionSubject) -> Iterator[Remark]:
    """On VOC mini-batch, learning rate and schedule are [32]'s, or its code's for joint training."""
    if subject.spec.dataset != COCO:
        yield from subject.differences(*FIELDS)


@rule("detection-coco-schedule", "departure", "detection-coco-schedule")
def coco_schedule(subject: DetectionSubject) -> Iterator[Remark]:
    """On COCO the learning rate is 0.001 for 240,000 iterations of a step and 0.0001 for 80,000."""
    if subject.spec.dataset == COCO:
        yield from subject.differences(*FIELDS)


@rule("detection-precision", "departure")
def precision(subject: DetectionSubject) -> Iterator[Remark]:
    """Arithmetic is in float32."""
    yield from subject.differences("precision")


RULES = (joint_training, fast_batch, voc_schedule, coco_schedule, precision)
