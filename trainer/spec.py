"""The run's specification: the POST body's `spec`, the row's JSONB and the trainer's input. Loads no torch.

Every default is the paper's value (He et al. 2015, sec. 4.2 for the CIFAR family, sec. 3.4 for ImageNet's). An omitted
field is filled in, so that a stored specification is complete.
"""

import hashlib
import json
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from trainer.catalog import BUILT_IN, Augment, Family

Shortcut = Literal["none", "A", "B", "C"]
Precision = Literal["fp32", "tf32", "bf16"]
Init = Literal["fan_out", "fan_in"]

# Large enough for ten times the paper's longest schedule, small enough for an int4 column.
MOST_ITERATIONS = 10_000_000
# 6n+2 with n = 1000: five times the paper's deepest network.
DEEPEST = 6002
# Table 1.
IMAGENET_DEPTHS = (18, 34, 50, 101, 152)
# Blocks that are recomputed together. A stage of b blocks then keeps b/4 inputs, and the 4 blocks that backward is in:
# near the minimum for the deepest stages (√b/2 is 3 for ResNet-152's 36 blocks, 7 for ResNet-1202's 200).
RECOMPUTED_BLOCKS = 4
# What a fork may change when it continues from another run's checkpoint: fields that neither shape the network nor
# decide which images an iteration sees, so that the checkpoint's state stays valid.
CHANGEABLE = (
    "iterations", "lr", "momentum", "weight_decay", "schedule", "evaluate_every", "checkpoint_every", "log_every",
)  # fmt: skip
# A data set's name is also a file name and part of a URL.
DATASET_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"

Iteration = Annotated[int, Field(strict=True, ge=1, le=MOST_ITERATIONS)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
LearningRate = Annotated[Number, Field(gt=0, le=100)]
Momentum = Annotated[Number, Field(ge=0, lt=1)]
WeightDecay = Annotated[Number, Field(ge=0, le=1)]
LogInterval = Annotated[int, Field(strict=True, ge=1, le=1000)]


class ClosedModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Specification(ClosedModel):
    """What one run trains, as the text and the hash that identify it."""

    def canonical_json(self) -> str:
        """The unique text of this specification: every field, sorted keys, no spaces."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def hash(self) -> str:
        """The SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()

    @property
    def restarts(self) -> tuple[int, ...]:
        """The iterations after which the schedule begins again with the initial learning rate."""
        return ()


Factor = Annotated[
    Number, Field(gt=0, lt=1, description="Each drop multiplies the rate by this factor: 0.1 (sec. 3.4 and 4.2).")
]


class StepSchedule(ClosedModel):
    """Multiplies the rate by `factor` after each iteration in `at` (sec. 4.2: 32k, 48k)."""

    kind: Literal["steps"] = "steps"
    at: tuple[Iteration, ...] = Field(
        max_length=32, description="Iterations after which the rate drops: 32,000 and 48,000 of 64,000 (sec. 4.2)."
    )
    factor: Factor = 0.1

    @field_validator("at")
    @classmethod
    def _ascends(cls, at: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PydanticCustomError("schedule", "at must list iterations in ascending order, without repeats")
        return at


class PlateauSchedule(ClosedModel):
    """Multiplies the rate by `factor` when the error has not fallen for `patience` evaluations (sec. 3.4)."""

    kind: Literal["plateau"]
    factor: Factor = 0.1
    patience: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=5, description="Evaluations without a lower error after which the rate drops. The paper does not say."
    )
    threshold: Annotated[Number, Field(ge=0, le=100)] = Field(
        default=0.1,
        description="Percentage points by which an error must beat the lowest so far to count. The paper does not say.",
    )


class Warmup(ClosedModel):
    """Trains with `lr` until the running training error is below `until_train_error` percent (sec. 4.2, 110 layers)."""

    lr: LearningRate = Field(default=0.01, description="The learning rate during the warm-up.")
    until_train_error: Annotated[Number, Field(gt=0, lt=100)] = Field(
        default=80.0, description="The warm-up ends when the running training error is below this percentage."
    )


Schedule = Annotated[StepSchedule | PlateauSchedule, Field(discriminator="kind")]


def family_of(dataset: str) -> Family:
    """The network family that a data set is trained with by default: CIFAR's for your own."""
    return BUILT_IN[dataset].family if dataset in BUILT_IN else "cifar"


def _default_family(fields: dict[str, Any]) -> Family:
    return family_of(fields["dataset"])


def _is_cifar(fields: dict[str, Any]) -> bool:
    family: Family = fields["family"]
    return family == "cifar"


def _default_iterations(fields: dict[str, Any]) -> int:
    return 64_000 if _is_cifar(fields) else 600_000


def _default_batch_size(fields: dict[str, Any]) -> int:
    return 128 if _is_cifar(fields) else 256


def _default_evaluate_every(fields: dict[str, Any]) -> int:
    return 1000 if _is_cifar(fields) else 5000


def _default_schedule(fields: dict[str, Any]) -> StepSchedule | PlateauSchedule:
    if not _is_cifar(fields):
        return PlateauSchedule(kind="plateau")
    # The paper drops the rate at 32k and 48k of 64k; a shorter or longer schedule keeps the proportions.
    iterations = fields["iterations"]
    at = (iterations // 2, iterations * 3 // 4)
    return StepSchedule(at=at if 0 < at[0] < at[1] else ())


def _default_warmup(fields: dict[str, Any]) -> Warmup | None:
    # Sec. 4.2: at n = 18 training hardly starts from 0.1.
    return Warmup() if _is_cifar(fields) and (fields["depth"] - 2) // 6 >= 18 else None


def _default_train_images(fields: dict[str, Any]) -> int | None:
    data = BUILT_IN.get(fields["dataset"])
    return data.train_images if data and _is_cifar(fields) else None


def _default_augment(fields: dict[str, Any]) -> Augment:
    data = BUILT_IN.get(fields["dataset"])
    return data.augment if data else "paper"


class RunSpec(Specification):
    """One training run of the paper. Errors are percent, rates are per iteration, sizes are images."""

    dataset: str = Field(
        description="The name of a built-in or registered data set.",
        pattern=DATASET_PATTERN,
        json_schema_extra={"examples": ["digits"]},
    )
    family: Family = Field(
        default_factory=_default_family,
        description="cifar (sec. 4.2, images of 32×32) or imagenet (Table 1, crops of 224×224). A built-in data set "
        "has a fixed family; your own data set uses cifar unless you choose imagenet.",
    )
    depth: Annotated[int, Field(strict=True)] = Field(
        description="Weighted layers. cifar: 6n+2 (sec. 4.2); imagenet: 18, 34, 50, 101 or 152 (Table 1).",
        json_schema_extra={"examples": [20]},
    )
    shortcut: Shortcut = Field(description="none (a plain net), A, B or C (sec. 3.3 and 4.1).")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] = Field(
        default=0, description="Determines initialisation, image order and augmentation."
    )
    iterations: Iteration = Field(
        default_factory=_default_iterations,
        description="Mini-batches until training stops: 64,000 (sec. 4.2); for imagenet 600,000 (sec. 3.4).",
    )
    batch_size: Annotated[int, Field(strict=True, ge=1, le=8192)] = Field(
        default_factory=_default_batch_size,
        description="Images in a mini-batch, summed over all devices: 128 (sec. 4.2); for imagenet 256 (sec. 3.4).",
    )
    lr: LearningRate = Field(default=0.1, description="The initial learning rate.")
    momentum: Momentum = Field(default=0.9, description="The momentum of SGD.")
    nesterov: bool = Field(
        default=False, strict=True, description="Whether to use Nesterov momentum. The paper uses plain momentum."
    )
    weight_decay: WeightDecay = Field(default=1e-4, description="L2 penalty on all weights: g += weight_decay·w.")
    decay_batch_norm: bool = Field(
        default=True,
        strict=True,
        description="Whether weight decay also applies to BN's γ and β. The paper does not say; torch applies it.",
    )
    init: Init = Field(
        default="fan_out",
        description="Which form of He et al. [13] initialises the convolutions. The paper does not say.",
    )
    schedule: Schedule = Field(
        default_factory=_default_schedule,
        description="When the learning rate drops: at given iterations (sec. 4.2), or when the error plateaus "
        "(sec. 3.4). The default drops scale with the number of iterations.",
    )
    warmup: Warmup | None = Field(
        default_factory=_default_warmup,
        description="A smaller rate until training gets going; by default from 110 layers on (sec. 4.2).",
    )
    train_images: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | None = Field(
        default_factory=_default_train_images,
        description="Training images to use; the remaining ones become the validation set "
        "(45000 reserves the paper's 5000). Default: all of them.",
    )
    augment: Augment = Field(
        default_factory=_default_augment,
        description="paper: 4 pixels of padding, crop and flip (sec. 4.2); for imagenet scale in [256, 480], 224 crop, "
        "flip and PCA colour (sec. 3.4). crop: without flip and colour. none: no augmentation.",
    )
    stride_in_1x1: bool = Field(
        default=True,
        strict=True,
        description="Bottlenecks only: the stride is in the first 1×1 layer, as in the paper; otherwise in the "
        "3×3 layer, as in torchvision (v1.5).",
    )
    precision: Precision = Field(
        default="fp32", description="The arithmetic precision. tf32 and bf16 depart from the paper."
    )
    recompute_activations: bool = Field(
        default=False,
        strict=True,
        description="Save memory: recompute activations in the backward pass. A third more work, identical results.",
    )
    evaluate_every: Iteration = Field(
        default_factory=_default_evaluate_every, description="Iterations between evaluations."
    )
    checkpoint_every: Iteration = Field(default=1000, description="Iterations between checkpoints.")
    log_every: LogInterval = Field(default=1, description="Iterations between points of the training curve.")
    deterministic: bool = Field(
        default=True, strict=True, description="Use only kernels that give the same result every time; slightly slower."
    )
    devices: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        default=1,
        description="Devices, one process each, that share every mini-batch. BN is per device, as in the paper.",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_a_classification(cls, fields: object) -> object:
        """Accepts `"task": "classification"` and leaves it out, so that no stored specification or hash changes."""
        if not isinstance(fields, dict) or "task" not in fields:
            return fields
        if fields["task"] == "detection":
            raise PydanticCustomError("task", "task must be classification here, not detection")
        if fields["task"] != "classification":
            raise PydanticCustomError("task", "task must be classification or detection")
        return {name: value for name, value in fields.items() if name != "task"}

    @field_validator("family")
    @classmethod
    def _fits_the_data_set(cls, family: Family, info: ValidationInfo) -> Family:
        data = BUILT_IN.get(info.data.get("dataset", ""))
        if data and family != data.family:
            raise PydanticCustomError(
                "family",
                "family must be {family}: {dataset} can only be trained with the {family} family",
                {"family": data.family, "dataset": data.name},
            )
        return family

    @field_validator("depth")
    @classmethod
    def _fits_the_family(cls, depth: int, info: ValidationInfo) -> int:
        family = info.data.get("family")  # None if the data set is invalid: then either family is accepted
        is_cifar_depth = 8 <= depth <= DEEPEST and (depth - 2) % 6 == 0
        is_imagenet_depth = depth in IMAGENET_DEPTHS
        if (is_cifar_depth and family != "imagenet") or (is_imagenet_depth and family != "cifar"):
            return depth
        if family == "imagenet":
            raise PydanticCustomError(
                "depth",
                "depth must be {depths} or {deepest} in the imagenet family",
                {"depths": ", ".join(map(str, IMAGENET_DEPTHS[:-1])), "deepest": IMAGENET_DEPTHS[-1]},
            )
        raise PydanticCustomError(
            "depth", "depth must be 6n+2: 8, 14, 20, 26, 32 … up to {deepest}", {"deepest": DEEPEST}
        )

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

    @field_validator("train_images")
    @classmethod
    def _fits_the_training_set(cls, train_images: int | None, info: ValidationInfo) -> int | None:
        data = BUILT_IN.get(info.data.get("dataset", ""))
        if data and train_images and train_images > data.train_images:
            raise PydanticCustomError(
                "train_images",
                "train_images must be at most {most}: {dataset} has {most} training images",
                {"most": data.train_images, "dataset": data.name},
            )
        return train_images

    @property
    def recomputed_blocks(self) -> int:
        """How many blocks are recomputed together in backward; 0 if every activation is kept."""
        return RECOMPUTED_BLOCKS if self.recompute_activations else 0

    @property
    def name(self) -> str:
        """The network's name in the paper: plain-20, ResNet-56 A."""
        return f"plain-{self.depth}" if self.shortcut == "none" else f"ResNet-{self.depth} {self.shortcut}"
