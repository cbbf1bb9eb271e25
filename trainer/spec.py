"""The run's specification: the POST body's `spec`, the row's JSONB and the trainer's input. Loads no torch.

Every default is the paper's value (He et al. 2015, sec. 4.2 for the CIFAR family, sec. 3.4 for ImageNet's); a field
that is left out is filled in, so that a spec at rest says everything that was asked for.
"""

import hashlib
import json
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
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
# Blocks that are computed again together. A stage of b blocks then keeps b/4 inputs, and 4 blocks while backward is
# in them: near the least for the deepest stages there are (√b/2 is 3 for the 36 of ResNet-152, 7 for the 200 of 1202).
RECOMPUTED_BLOCKS = 4
# What a run may be given anew when it goes on from the checkpoint of another (a fork): fields that neither shape the
# network nor decide which images an iteration sees, so that the checkpoint's state stays true.
CHANGEABLE = (
    "iterations", "lr", "momentum", "weight_decay", "schedule", "evaluate_every", "checkpoint_every", "log_every",
)  # fmt: skip
# NAME is also a file name and a part of a URL.
DATASET_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"

Iteration = Annotated[int, Field(strict=True, ge=1, le=MOST_ITERATIONS)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
LearningRate = Annotated[Number, Field(gt=0, le=100)]
Momentum = Annotated[Number, Field(ge=0, lt=1)]
WeightDecay = Annotated[Number, Field(ge=0, le=1)]
LogInterval = Annotated[int, Field(strict=True, ge=1, le=1000)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Factor = Annotated[
    Number, Field(gt=0, lt=1, description="The rate is multiplied by it whenever it falls: 0.1 (sec. 3.4 and 4.2).")
]


class StepSchedule(_Closed):
    """The rate is multiplied by `factor` once each iteration of `at` is completed (sec. 4.2: 32k, 48k)."""

    kind: Literal["steps"] = "steps"
    at: tuple[Iteration, ...] = Field(
        max_length=32, description="Iterations after which the rate falls: 32000 and 48000 of 64000 (sec. 4.2)."
    )
    factor: Factor = 0.1

    @field_validator("at")
    @classmethod
    def _ascends(cls, at: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PydanticCustomError("schedule", "at must list iterations in ascending order, each once")
        return at


class PlateauSchedule(_Closed):
    """The rate is multiplied by `factor` when the error has not fallen for `patience` evaluations (sec. 3.4)."""

    kind: Literal["plateau"]
    factor: Factor = 0.1
    patience: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=5, description="Evaluations without a lower error after which the rate falls. The paper names none."
    )
    threshold: Annotated[Number, Field(ge=0, le=100)] = Field(
        default=0.1, description="Percent by which an error must be below the lowest to count. The paper names none."
    )


class Warmup(_Closed):
    """`lr` until the running training error is below `until_train_error` percent (sec. 4.2, the 110-layer net)."""

    lr: LearningRate = Field(default=0.01, description="The rate of the warm-up.")
    until_train_error: Annotated[Number, Field(gt=0, lt=100)] = Field(
        default=80.0, description="Percent of running training error below which the warm-up ends."
    )


Schedule = Annotated[StepSchedule | PlateauSchedule, Field(discriminator="kind")]


def family_of(dataset: str) -> Family:
    """The network family that a data set is trained with by default: CIFAR's, where it is your own."""
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
    # The paper's drops at 32k and 48k of 64k, kept in proportion when the schedule is made shorter or longer.
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


class RunSpec(_Closed):
    """One training run of the paper. Errors are percent, rates are per iteration, sizes are images."""

    dataset: str = Field(
        description="A registered data set's name.", pattern=DATASET_PATTERN, json_schema_extra={"examples": ["digits"]}
    )
    family: Family = Field(
        default_factory=_default_family,
        description="cifar (sec. 4.2, images of 32×32) or imagenet (Table 1, crops of 224×224). A built-in data set "
        "decides it; your own is trained as cifar unless you say imagenet.",
    )
    depth: Annotated[int, Field(strict=True)] = Field(
        description="Weighted layers. cifar: 6n+2 (sec. 4.2); imagenet: 18, 34, 50, 101 or 152 (Table 1).",
        json_schema_extra={"examples": [20]},
    )
    shortcut: Shortcut = Field(description="none (a plain net), A, B or C (sec. 3.3 and 4.1).")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] = Field(
        default=0, description="Decides initialisation, order and augmentation."
    )
    iterations: Iteration = Field(
        default_factory=_default_iterations,
        description="Mini-batches until training stops: 64000 (sec. 4.2), for imagenet 600000 (sec. 3.4).",
    )
    batch_size: Annotated[int, Field(strict=True, ge=1, le=8192)] = Field(
        default_factory=_default_batch_size,
        description="Images in a mini-batch, over all devices: 128 (sec. 4.2), for imagenet 256 (sec. 3.4).",
    )
    lr: LearningRate = Field(default=0.1, description="Learning rate at the start.")
    momentum: Momentum = Field(default=0.9, description="Of the gradient's running sum.")
    nesterov: bool = Field(default=False, strict=True, description="Nesterov's momentum; the paper's is plain.")
    weight_decay: WeightDecay = Field(default=1e-4, description="Of every weight: g += wd·w.")
    decay_batch_norm: bool = Field(
        default=True,
        strict=True,
        description="Weight decay acts on the γ and β of BN as well. The paper does not say; this is what torch does.",
    )
    init: Init = Field(
        default="fan_out", description="Which form of He et al. [13] the convolutions start from; the paper names none."
    )
    schedule: Schedule = Field(
        default_factory=_default_schedule,
        description="When the rate falls: at iterations (sec. 4.2), kept in proportion where training is made shorter, "
        "or on a plateau of the error (sec. 3.4).",
    )
    warmup: Warmup | None = Field(
        default_factory=_default_warmup,
        description="A smaller rate until training has started: from 110 layers on (sec. 4.2). null is none.",
    )
    train_images: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | None = Field(
        default_factory=_default_train_images,
        description="Training images used; the rest of the training set becomes the validation set "
        "(45000 keeps the paper's 5000 apart). null uses all.",
    )
    augment: Augment = Field(
        default_factory=_default_augment,
        description="paper: pad-4 crop and flip (sec. 4.2), for imagenet scale in [256, 480], 224 crop, flip and PCA "
        "colour (sec. 3.4); crop: neither flip nor colour; none.",
    )
    stride_in_1x1: bool = Field(
        default=True,
        strict=True,
        description="Bottlenecks only: true is the paper's place, false torchvision's (v1.5).",
    )
    precision: Precision = Field(default="fp32", description="tf32 and bf16 depart from the paper.")
    recompute_activations: bool = Field(
        default=False,
        strict=True,
        description="Save memory: activations are computed again in backward, a third more work, the same numbers.",
    )
    evaluate_every: Iteration = Field(
        default_factory=_default_evaluate_every, description="Iterations between two evaluations."
    )
    checkpoint_every: Iteration = Field(default=1000, description="Iterations between two checkpoints.")
    log_every: LogInterval = Field(default=1, description="Iterations between two points of the training curve.")
    deterministic: bool = Field(
        default=True, strict=True, description="Only kernels that give the same numbers again: a little slower."
    )
    devices: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        default=1, description="Processes with a device each; BN per device, as in the paper. They share the batch."
    )

    @field_validator("family")
    @classmethod
    def _is_the_data_sets(cls, family: Family, info: ValidationInfo) -> Family:
        data = BUILT_IN.get(info.data.get("dataset", ""))
        if data and family != data.family:
            raise PydanticCustomError(
                "family",
                "family must be {its} for {dataset}: its images are no others'",
                {"its": data.family, "dataset": data.name},
            )
        return family

    @field_validator("depth")
    @classmethod
    def _is_of_the_family(cls, depth: int, info: ValidationInfo) -> int:
        family = info.data.get("family")  # None where the data set is at fault: then either will do
        is_cifars = 8 <= depth <= DEEPEST and (depth - 2) % 6 == 0
        is_imagenets = depth in IMAGENET_DEPTHS
        if (is_cifars and family != "imagenet") or (is_imagenets and family != "cifar"):
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
                "devices must divide batch_size: {batch_size} images do not make {devices} equal shares",
                {"batch_size": batch_size, "devices": devices},
            )
        return devices

    @field_validator("train_images")
    @classmethod
    def _fits_the_data(cls, train_images: int | None, info: ValidationInfo) -> int | None:
        data = BUILT_IN.get(info.data.get("dataset", ""))
        if data and train_images and train_images > data.train_images:
            raise PydanticCustomError(
                "train_images",
                "train_images must be at most {most}: {dataset} has no more",
                {"most": data.train_images, "dataset": data.name},
            )
        return train_images

    @property
    def recomputed_blocks(self) -> int:
        """How many blocks are computed again together in backward; 0 where every activation is kept."""
        return RECOMPUTED_BLOCKS if self.recompute_activations else 0

    @property
    def name(self) -> str:
        """What the paper would call it: plain-20, ResNet-56 A."""
        return f"plain-{self.depth}" if self.shortcut == "none" else f"ResNet-{self.depth} {self.shortcut}"

    def canonical_json(self) -> str:
        """The one text of this spec: every field, sorted keys, no spaces."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
