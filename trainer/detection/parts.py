"""The parts of a detector that its specification describes, each with its own fields. Loads no torch.

As in trainer/detection/spec.py, each description says whose value the default is.
"""

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from trainer.spec import ClosedModel, Number

Count = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Share = Annotated[Number, Field(ge=0, le=1)]
Overlap = Annotated[Number, Field(gt=0, lt=1)]


class Start(ClosedModel):
    """The classifier whose weights the detector starts from."""

    sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the weights file, in hex: the .safetensors file of a finished run of this service, or "
        "torchvision's weights of the network (.safetensors or .pth).",
    )
    statistics: Literal["moving_average", "training_set"] = Field(
        default="moving_average",
        # Specifications from before the field existed keep their text and hash.
        exclude_if=lambda value: value == "moving_average",
        description="Where the file's batch norm statistics are from, which is checked. training_set: computed in a "
        "pass over the training images after training (App. A). moving_average: left by the training itself.",
    )


class Anchors(ClosedModel):
    """The reference boxes at every position: each size (the root of the area) in each ratio (height to width)."""

    sizes: tuple[Annotated[int, Field(strict=True, ge=4, le=4096)], ...] = Field(
        min_length=1,
        max_length=16,
        description="In pixels of the scaled image: 128, 256, 512 ([32]); COCO adds 64 ([32]).",
    )
    ratios: tuple[Annotated[Number, Field(ge=0.05, le=20)], ...] = Field(
        default=(0.5, 1.0, 2.0), min_length=1, max_length=16, description="1:2, 1:1 and 2:1 ([32])."
    )

    @field_validator("sizes", "ratios")
    @classmethod
    def _ascend(cls, values: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if any(later <= earlier for earlier, later in pairwise(values)):
            message = "{field} must be in ascending order, without repeats"
            raise PydanticCustomError("anchors", message, {"field": info.field_name})
        return values

    @property
    def per_position(self) -> int:
        return len(self.sizes) * len(self.ratios)

    @property
    def smallest_side(self) -> float:
        """The side of the smallest square that some anchor fits into."""
        longer = (max(ratio, 1 / ratio) for ratio in self.ratios)
        return float(self.sizes[0] * math.sqrt(min(longer)))


class Rpn(ClosedModel):
    """The region proposal network ([32])."""

    channels: Count = Field(default=512, description="Filters of its 3×3 convolution: 512 (pfr, for VGG-16).")
    batch: Count = Field(default=256, description="Anchors that are sampled in an image: 256 ([32]).")
    positive_share: Share = Field(default=0.5, description="At most this share of them is positive: half ([32]).")
    positive_overlap: Overlap = Field(default=0.7, description="IoU from which an anchor is positive ([32]).")
    negative_overlap: Overlap = Field(default=0.3, description="IoU below which an anchor is negative ([32]).")
    nms: Overlap = Field(default=0.7, description="IoU above which the lower-scored of two proposals goes ([32]).")
    min_size: Annotated[Number, Field(ge=0, le=1000)] = Field(
        default=16.0, description="Smaller proposals are dropped, in pixels of the original image: 16 (pfr)."
    )
    train_before_nms: Count = Field(default=12_000, description="Best proposals kept before NMS in training (pfr).")
    train_after_nms: Count = Field(default=2_000, description="Proposals kept after NMS in training ([32]).")
    test_before_nms: Count = Field(default=6_000, description="Best proposals kept before NMS in tests (pfr).")
    test_after_nms: Count = Field(default=300, description="Proposals kept after NMS in tests: 300 (App. A).")

    @field_validator("negative_overlap")
    @classmethod
    def _is_below_the_positive(cls, negative: float, info: ValidationInfo) -> float:
        if negative > info.data.get("positive_overlap", 1):
            raise PydanticCustomError("rpn", "negative_overlap must not exceed positive_overlap")
        return negative


class Roi(ClosedModel):
    """The regions that are classified: pooled from the shared maps before conv5_1 (App. A)."""

    pooling: Literal["pool", "align"] = Field(
        default="pool", description="RoI pooling (App. A); align departs from the paper, and is worth about a point."
    )
    size: Annotated[int, Field(strict=True, ge=2, le=28)] = Field(
        description="Side of the pooled map. VGG-16: 7 (pfr). ResNets: 14, which conv5_1's stride halves; the paper "
        "does not say."
    )
    batch: Count = Field(default=128, description="Regions that are sampled in an image in training: 128 (pfr).")
    positive_share: Share = Field(default=0.25, description="At most this share of them is an object: a quarter (pfr).")
    positive_overlap: Overlap = Field(default=0.5, description="IoU from which a region is an object (pfr).")


class Testing(ClosedModel):
    """Which detections are reported."""

    min_score: Share = Field(default=0.05, description="Detections with a lower score are dropped (pfr).")
    nms: Overlap = Field(default=0.3, description="IoU above which the lower-scored of two of a class goes (pfr).")
    most: Count = Field(default=100, description="Detections an image: 100 (pfr).")
