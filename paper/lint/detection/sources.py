"""Who says the value of each field of a detection run: the paper, its reference [32], or [32]'s code, py-faster-rcnn.

The values are the defaults of `DetectionSpec` for the paper's own run, so that each is written once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from paper.lint.rule import Remark
from trainer.catalog import Family
from trainer.detection.spec import COCO, VOC, DetectionSpec

# Any weights: the paper's run starts from a classifier, whose hash is not compared.
SOME_START: Final = {"sha256": "0" * 64, "statistics": "training_set"}
Source = Literal["The paper", "[32]", "py-faster-rcnn"]

# App. A refers to [32].
SOURCES: Final[dict[str, Source]] = {
    "stride_in_1x1": "The paper",
    "batch_norm": "The paper",
    "side": "The paper",
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
# The fields whose value the paper itself gives for COCO.
COCOS_OWN: Final = frozenset({"iterations", "batch_size", "lr", "schedule.at", "schedule.factor"})
# Fields on which paper and [32] are silent: another value is reported, and keeps nothing from being compared.
OPEN: Final = {
    "freeze_up_to": "The paper does not say which layers are fixed; py-faster-rcnn fixes conv1 and conv2 of VGG-16.",
    "roi.size": "The paper does not say how large a pooled region is.",
    "context": "Tables 7 and 8 are without global context; App. B adds it for COCO.",
    "weight_decay": "The paper does not say; py-faster-rcnn uses 5e-4 for VGG-16, and 1e-4 is usual for ResNets.",
    "devices": "The paper trains on COCO with 8 devices, and does not say for VOC.",
}


@dataclass(frozen=True)
class DetectionSubject:
    """A detection specification, and the paper's for the same network and kind of data."""

    spec: DetectionSpec

    @property
    def family(self) -> Family:
        """Detectors are built on the networks of Table 1 and VGG-16."""
        return "imagenet"

    @cached_property
    def own(self) -> dict[str, object]:
        return flat(self.spec)

    @cached_property
    def paper(self) -> dict[str, object]:
        """An own data set is compared with VOC's."""
        fields = {
            "task": "detection",
            "dataset": COCO if self.spec.dataset == COCO else VOC,
            "network": self.spec.network,
            "start": SOME_START,
            "training": self.spec.training,
        }
        return flat(DetectionSpec.model_validate(fields))

    def differences(self, *fields: str) -> Iterator[Remark]:
        """A remark on each of these fields that differs."""
        for field in fields:
            own, paper = self.own[field], self.paper[field]
            if own != paper:
                yield field, f"{self._who(field)} uses {text(paper)}; this run uses {text(own)}."

    def _who(self, field: str) -> Source:
        return "The paper" if self.spec.dataset == COCO and field in COCOS_OWN else SOURCES[field]


def flat(spec: DetectionSpec) -> dict[str, object]:
    """Every value by its name, such as rpn.batch."""
    values: dict[str, object] = {}
    for name, value in spec.model_dump().items():
        values |= (
            {f"{name}.{part}": inner for part, inner in value.items()} if isinstance(value, dict) else {name: value}
        )
    return values


def text(value: object) -> str:
    """A value as a sentence says it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case tuple():
            return ", ".join(map(text, value)) or "none"
        case _:
            return str(value)
