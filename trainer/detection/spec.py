"""The specification of a detection run: Faster R-CNN as in sec. 4.3 and App. A. Loads no torch.

Every default is the value of the paper, of its reference [32] (Faster R-CNN, arXiv 1506.01497, whose hyper-parameters
the paper uses) or of [32]'s code, py-faster-rcnn ("pfr"); each description says which, or that all are silent.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from trainer.detection import defaults
from trainer.detection.defaults import COCO, VOC, ApForm
from trainer.detection.parts import Anchors, Roi, Rpn, Start, Testing
from trainer.spec import (
    Iteration,
    LearningRate,
    LogInterval,
    Momentum,
    Precision,
    Shortcut,
    Specification,
    StepSchedule,
    WeightDecay,
)

__all__ = ["COCO", "VOC", "ApForm", "DetectionNetwork", "DetectionSpec", "network_name"]

DetectionNetwork = Literal["vgg16", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
# As for classification, and "+" for VOC 07+12.
DATASET_PATTERN = r"^[a-z0-9][a-z0-9._+-]{0,63}$"
FEWEST_IN_STEPS = 6  # iterations that leave one for each of the four steps
STRIDE = 16  # App. A: of the maps that the regions are cut from

Side = Annotated[int, Field(strict=True, ge=32, le=4096)]


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
        default_factory=defaults.batch_norm,
        description="frozen: γ, β and statistics stay those of `start` (sec. 4.3). live: trained with the detector; "
        "the default from scratch.",
    )
    freeze_up_to: Annotated[int, Field(strict=True, ge=0, le=4)] = Field(
        default_factory=defaults.freeze_up_to,
        description="Layers up to conv1, conv2_x … are not trained: 2 (pfr, for VGG-16); 0, the default from scratch, "
        "trains all. The paper does not say.",
    )
    side: Side = Field(default=600, description="The shorter side that images are scaled to: 600 (App. A).")
    longest: Side = Field(
        default=1000, validate_default=True, description="The longer side is at most this: 1000 ([32])."
    )
    anchors: Anchors = Field(
        default_factory=defaults.anchors, validate_default=True, description="The reference boxes at every position."
    )
    rpn: Rpn = Field(default_factory=Rpn, description="The region proposal network.")
    roi: Roi = Field(default_factory=defaults.roi, description="The regions that are classified.")
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
        default_factory=defaults.iterations,
        description="Mini-batches until training stops: 70,000 (pfr, joint training), 240,000 in four steps ([32]); "
        "COCO: 320,000 a step (App. A).",
    )
    batch_size: Annotated[int, Field(strict=True, ge=1, le=1024)] = Field(
        default_factory=defaults.batch_size,
        description="Images in a mini-batch, summed over all devices: 1 (pfr, joint training); COCO: 8 (App. A).",
    )
    lr: LearningRate = Field(default=0.001, description="The initial learning rate: 0.001 ([32], App. A).")
    momentum: Momentum = Field(default=0.9, description="The momentum of SGD: 0.9 ([32]).")
    weight_decay: WeightDecay = Field(
        default=1e-4,
        description="L2 penalty: g += weight_decay·w. 1e-4 is ours: the paper does not say, and pfr has 5e-4.",
    )
    schedule: StepSchedule = Field(
        default_factory=defaults.schedule,
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
        default_factory=defaults.ap,
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
            return {"sizes": defaults.anchors(info.data).sizes, **anchors}
        return anchors

    @field_validator("roi", mode="before")
    @classmethod
    def _fill_in_the_size(cls, roi: object, info: ValidationInfo) -> object:
        if isinstance(roi, dict) and "size" not in roi and "network" in info.data:
            return {"size": defaults.roi_size(info.data["network"]), **roi}
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
        return () if self.training == "joint" else defaults.step_ends(self.dataset, self.iterations)[:-1]

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
