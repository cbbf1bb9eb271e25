"""The specification of a detection run: Faster R-CNN as in sec. 4.3 and App. A. Loads no torch.

Every default is the value of the paper, of its reference [32] (Faster R-CNN, arXiv 1506.01497, whose hyper-parameters
the paper uses) or of [32]'s code, py-faster-rcnn ("pfr"); each description says which, or that all are silent.
"""

import math
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from trainer.spec import (
    ClosedModel,
    Iteration,
    LearningRate,
    LogInterval,
    Momentum,
    Number,
    Precision,
    Shortcut,
    Specification,
    StepSchedule,
    WeightDecay,
)

DetectionNetwork = Literal["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
ApForm = Literal["voc07", "area", "coco"]
# Table 7's and Table 8's training data, which a lab provides as folders.
VOC, COCO = "voc07+12", "coco"
# As for classification, and "+" for VOC 07+12.
DATASET_PATTERN = r"^[a-z0-9][a-z0-9._+-]{0,63}$"
FEWEST_IN_STEPS = 6  # iterations that leave one for each of the four steps
STRIDE = 16  # App. A: of the maps that the regions are cut from

Side = Annotated[int, Field(strict=True, ge=32, le=4096)]
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


def _is_coco(fields: dict[str, Any]) -> bool:
    return bool(fields["dataset"] == COCO)


def _default_freeze(fields: dict[str, Any]) -> int:
    return 2 if fields["start"] else 0


def _default_batch_norm(fields: dict[str, Any]) -> Literal["frozen", "live"]:
    return "frozen" if fields["start"] else "live"


def _default_anchors(fields: dict[str, Any]) -> Anchors:
    return Anchors(sizes=(64, 128, 256, 512) if _is_coco(fields) else (128, 256, 512))


def _default_roi(fields: dict[str, Any]) -> Roi:
    return Roi(size=_roi_size(fields["network"]))


def _roi_size(network: str) -> int:
    return 7 if network == "vgg16" else 14


def _default_batch_size(fields: dict[str, Any]) -> int:
    return 8 if _is_coco(fields) else 1


def _default_iterations(fields: dict[str, Any]) -> int:
    if fields["training"] == "four_step":
        # [32] trains its four steps for 80k, 40k, 80k and 40k; the paper's steps on COCO have 320k each.
        return 1_280_000 if _is_coco(fields) else 240_000
    return 320_000 if _is_coco(fields) else 70_000


def _default_schedule(fields: dict[str, Any]) -> StepSchedule:
    # pfr's joint training drops at 50k of 70k; [32]'s steps at 60k of 80k and 30k of 40k, and the paper's COCO steps at
    # 240k of 320k. Others keep the proportion.
    iterations = fields["iterations"]
    if fields["training"] == "four_step":
        ends = _step_ends(fields["dataset"], iterations)
        drops = (start + (end - start) * 3 // 4 for start, end in pairwise((0, *ends)))
        return StepSchedule(at=tuple(at for at, start in zip(drops, (0, *ends), strict=False) if at > start))
    at = iterations * 3 // 4 if _is_coco(fields) else iterations * 5 // 7
    return StepSchedule(at=(at,) if at else ())


def _step_ends(dataset: str, iterations: int) -> tuple[int, ...]:
    """The last iteration of each of [32]'s four steps."""
    sixths = (1.5, 3, 4.5, 6) if dataset == COCO else (2, 3, 5, 6)
    return tuple(int(iterations * part / 6) for part in sixths)


def _default_ap(fields: dict[str, Any]) -> ApForm:
    return "coco" if _is_coco(fields) else "voc07"


class DetectionSpec(Specification):
    """One detection run of the paper. mAP is percent, rates are per iteration, sizes are pixels."""

    task: Literal["detection"] = Field(description="detection. Without this field a run classifies.")
    dataset: str = Field(
        pattern=DATASET_PATTERN,
        description="The name of a data set in VOC's or COCO's layout. You provide the paper's own, voc07+12 and coco.",
    )
    network: DetectionNetwork = Field(
        default="resnet101", description="resnet101 or vgg16 (Tables 7 and 8); the other depths are Table 1's."
    )
    stride_in_1x1: bool = Field(
        default=True,
        strict=True,
        description="Bottlenecks only: the stride is in the first 1×1 layer, as in the paper.",
    )
    start: Start | None = Field(
        default=None, description="The classifier to start from; the paper starts from ImageNet's. null: from scratch."
    )
    batch_norm: Literal["frozen", "live"] = Field(
        default_factory=_default_batch_norm,
        description="frozen: γ, β and statistics stay those of `start` (sec. 4.3). live: trained with the detector; "
        "the default from scratch.",
    )
    freeze_up_to: Annotated[int, Field(strict=True, ge=0, le=4)] = Field(
        default_factory=_default_freeze,
        description="Layers up to conv1, conv2_x … are not trained: 2 (pfr, for VGG-16); 0, the default from scratch, "
        "trains all. The paper does not say.",
    )
    side: Side = Field(default=600, description="The shorter side that images are scaled to: 600 (App. A).")
    longest: Side = Field(
        default=1000, validate_default=True, description="The longer side is at most this: 1000 ([32])."
    )
    anchors: Anchors = Field(
        default_factory=_default_anchors, validate_default=True, description="The reference boxes at every position."
    )
    rpn: Rpn = Field(default_factory=Rpn, description="The region proposal network.")
    roi: Roi = Field(default_factory=_default_roi, description="The regions that are classified.")
    context: bool = Field(
        default=False,
        strict=True,
        description="Append the whole image's features to each region's (App. B, global context). Tables 7 and 8 are "
        "without it.",
    )
    test: Testing = Field(default_factory=Testing, description="Which detections are reported.")
    training: Literal["joint", "four_step"] = Field(
        default="joint",
        description="joint: proposals and regions together (pfr). four_step: [32]'s alternating steps, which share "
        "`iterations` as 2:1:2:1, on COCO equally; each begins with the initial learning rate.",
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] = Field(
        default=0,
        description="Determines initialisation, image order, mirroring, and which anchors and regions are sampled.",
    )
    iterations: Iteration = Field(
        default_factory=_default_iterations,
        description="Mini-batches until training stops: 70,000 (pfr, joint training), 240,000 in four steps ([32]); "
        "COCO: 320,000 a step (App. A).",
    )
    batch_size: Annotated[int, Field(strict=True, ge=1, le=1024)] = Field(
        default_factory=_default_batch_size,
        description="Images in a mini-batch, summed over all devices: 1 (pfr, joint training); COCO: 8 (App. A).",
    )
    lr: LearningRate = Field(default=0.001, description="The initial learning rate: 0.001 ([32], App. A).")
    momentum: Momentum = Field(default=0.9, description="The momentum of SGD: 0.9 ([32]).")
    weight_decay: WeightDecay = Field(
        default=1e-4,
        description="L2 penalty: g += weight_decay·w. 1e-4 is ours: the paper does not say, and pfr has 5e-4.",
    )
    schedule: StepSchedule = Field(
        default_factory=_default_schedule,
        description="When the learning rate drops: once, by 10, in four steps once in each ([32], App. A).",
    )
    augment: Literal["paper", "none"] = Field(
        default="paper", description="paper: half of the images are mirrored (pfr). none: no augmentation."
    )
    validation: bool = Field(
        default=False,
        strict=True,
        description="Keep the list `val` apart and choose the best weights by it. The paper trains on trainval.",
    )
    ap: ApForm = Field(
        default_factory=_default_ap,
        description="Which mAP chooses the best weights: voc07 (11 points, Table 7), area (VOC from 2010), coco "
        "(mAP@[.5,.95], Table 8).",
    )
    precision: Precision = Field(default="fp32", description="The arithmetic precision. tf32 and bf16 depart from it.")
    evaluate_every: Iteration = Field(default=10_000, description="Iterations between evaluations.")
    checkpoint_every: Iteration = Field(default=1000, description="Iterations between checkpoints.")
    log_every: LogInterval = Field(default=1, description="Iterations between points of the training curve.")
    deterministic: bool = Field(
        default=True, strict=True, description="Use only kernels that give the same result every time; slightly slower."
    )
    devices: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        default=1, description="Devices, one process each, that share every mini-batch. COCO: 8 (App. A)."
    )

    @field_validator("iterations")
    @classmethod
    def _leave_an_iteration_for_each_step(cls, iterations: int, info: ValidationInfo) -> int:
        if info.data.get("training") == "four_step" and iterations < FEWEST_IN_STEPS:
            raise PydanticCustomError(
                "iterations", "iterations must be at least {least} for four steps", {"least": FEWEST_IN_STEPS}
            )
        return iterations

    @field_validator("longest")
    @classmethod
    def _reaches_the_shorter(cls, longest: int, info: ValidationInfo) -> int:
        if longest < (side := info.data.get("side", longest)):
            raise PydanticCustomError("longest", "longest must be at least side, {side}", {"side": side})
        return longest

    @field_validator("anchors")
    @classmethod
    def _fit_into_the_image(cls, anchors: Anchors, info: ValidationInfo) -> Anchors:
        side = info.data.get("side", anchors.smallest_side)
        if anchors.smallest_side > side:
            raise PydanticCustomError(
                "anchors",
                "anchors must include one that fits into an image of side {side}: those across the border are not "
                "trained on. The smallest needs {smallest}",
                {"side": side, "smallest": round(anchors.smallest_side)},
            )
        return anchors

    @field_validator("anchors", mode="before")
    @classmethod
    def _fill_in_the_sizes(cls, anchors: object, info: ValidationInfo) -> object:
        if isinstance(anchors, dict) and "sizes" not in anchors and "dataset" in info.data:
            return {"sizes": _default_anchors(info.data).sizes, **anchors}
        return anchors

    @field_validator("roi", mode="before")
    @classmethod
    def _fill_in_the_size(cls, roi: object, info: ValidationInfo) -> object:
        if isinstance(roi, dict) and "size" not in roi and "network" in info.data:
            return {"size": _roi_size(info.data["network"]), **roi}
        return roi

    @field_validator("batch_norm")
    @classmethod
    def _has_statistics(cls, batch_norm: str, info: ValidationInfo) -> str:
        is_vgg = info.data.get("network") == "vgg16"
        if batch_norm == "frozen" and not is_vgg and "start" in info.data and info.data["start"] is None:
            raise PydanticCustomError(
                "batch_norm", "batch_norm must be live without start weights: there are no statistics to freeze"
            )
        return batch_norm

    @field_validator("devices")
    @classmethod
    def _share_the_batch(cls, devices: int, info: ValidationInfo) -> int:
        batch_size = info.data.get("batch_size", devices)
        if batch_size % devices:
            raise PydanticCustomError(
                "devices",
                "devices must divide batch_size: {batch_size} images cannot be shared equally by {devices} devices",
                {"batch_size": batch_size, "devices": devices},
            )
        return devices

    @property
    def restarts(self) -> tuple[int, ...]:
        """The ends of the first three of [32]'s four steps."""
        return () if self.training == "joint" else _step_ends(self.dataset, self.iterations)[:-1]

    def step_at(self, iteration: int) -> int:
        """The step, from 1, that trains an iteration."""
        return 1 + sum(iteration > end for end in self.restarts)

    @property
    def warmup(self) -> None:
        """Detection has none: neither the paper nor [32] warms up."""
        return None

    @property
    def shortcut(self) -> Shortcut:
        """ResNets from 18 layers on project where dimensions grow (option B, Table 1); VGG-16 has no shortcuts."""
        return "none" if self.network == "vgg16" else "B"

    @property
    def depth(self) -> int:
        """Weighted layers of the network that was pre-trained."""
        return int(self.network.removeprefix("resnet").removeprefix("vgg"))

    @property
    def name(self) -> str:
        """The network's name in the paper's Tables 7 and 8: VGG-16, ResNet-101."""
        return network_name(self.network)


def network_name(network: DetectionNetwork) -> str:
    """As the paper writes it: VGG-16, ResNet-101."""
    return f"VGG-{network[3:]}" if network == "vgg16" else f"ResNet-{network[6:]}"
