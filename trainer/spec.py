"""The run's specification: the POST body's `spec`, the row's JSONB and the trainer's input. Loads no torch.

Every default is the paper's value (He et al. 2015, sec. 4.2 for CIFAR); a field that is left out is
filled in, so that a spec at rest says everything that was asked for.
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

# Large enough for ten times the paper's longest schedule, small enough for an int4 column.
MOST_ITERATIONS = 10_000_000
# 6n+2 with n = 1000: five times the paper's deepest network.
DEEPEST = 6002
# NAME is also a file name and a part of a URL.
DATASET_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"

Iteration = Annotated[int, Field(strict=True, ge=1, le=MOST_ITERATIONS)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StepSchedule(_Closed):
    """The rate is multiplied by `factor` once each iteration of `at` is completed (sec. 4.2: 32k, 48k)."""

    kind: Literal["steps"] = "steps"
    at: tuple[Iteration, ...] = Field(max_length=32)
    factor: Annotated[Number, Field(gt=0, lt=1)] = 0.1

    @field_validator("at")
    @classmethod
    def _ascends(cls, at: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(at)):
            raise PydanticCustomError("schedule", "at must list iterations in ascending order, each once")
        return at


class PlateauSchedule(_Closed):
    """The rate is multiplied by `factor` when the error has not fallen for `patience` evaluations (sec. 3.4)."""

    kind: Literal["plateau"]
    factor: Annotated[Number, Field(gt=0, lt=1)] = 0.1
    patience: Annotated[int, Field(strict=True, ge=1, le=1000)] = 5
    threshold: Annotated[Number, Field(ge=0, le=100)] = 0.1


class Warmup(_Closed):
    """`lr` until the running training error is below `until_train_error` percent (sec. 4.2, the 110-layer net)."""

    lr: Annotated[Number, Field(gt=0, le=100)] = 0.01
    until_train_error: Annotated[Number, Field(gt=0, lt=100)] = 80.0


Schedule = Annotated[StepSchedule | PlateauSchedule, Field(discriminator="kind")]


def family_of(dataset: str) -> Family:
    """The network family that a data set is trained with. Your own data sets use the CIFAR family."""
    return BUILT_IN[dataset].family if dataset in BUILT_IN else "cifar"


def _default_schedule(fields: dict[str, Any]) -> StepSchedule:
    # The paper's drops at 32k and 48k of 64k, kept in proportion when the schedule is made shorter or longer.
    iterations = fields["iterations"]
    at = (iterations // 2, iterations * 3 // 4)
    return StepSchedule(at=at if 0 < at[0] < at[1] else ())


def _default_warmup(fields: dict[str, Any]) -> Warmup | None:
    # Sec. 4.2: at n = 18 training hardly starts from 0.1.
    return Warmup() if (fields["depth"] - 2) // 6 >= 18 else None


def _default_train_images(fields: dict[str, Any]) -> int | None:
    data = BUILT_IN.get(fields["dataset"])
    return data.train_images if data else None


def _default_augment(fields: dict[str, Any]) -> Augment:
    data = BUILT_IN.get(fields["dataset"])
    return data.augment if data else "paper"


class RunSpec(_Closed):
    """One training run of the paper. Errors are percent, rates are per iteration, sizes are images."""

    depth: Annotated[int, Field(strict=True)] = Field(
        description="Weighted layers: 6n+2 (sec. 4.2).", json_schema_extra={"examples": [20]}
    )
    shortcut: Shortcut = Field(description="none (a plain net), A, B or C (sec. 3.3 and 4.1).")
    dataset: str = Field(
        description="A registered data set's name.", pattern=DATASET_PATTERN, json_schema_extra={"examples": ["digits"]}
    )
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] = Field(
        default=0, description="Decides initialisation, order and augmentation."
    )
    iterations: Iteration = Field(default=64_000, description="Mini-batches until training stops (sec. 4.2).")
    batch_size: Annotated[int, Field(strict=True, ge=1, le=8192)] = Field(
        default=128, description="Images in a mini-batch, over all devices (sec. 4.2)."
    )
    lr: Annotated[Number, Field(gt=0, le=100)] = Field(default=0.1, description="Learning rate at the start.")
    momentum: Annotated[Number, Field(ge=0, lt=1)] = 0.9
    weight_decay: Annotated[Number, Field(ge=0, le=1)] = 1e-4
    schedule: Schedule = Field(default_factory=_default_schedule)
    warmup: Warmup | None = Field(default_factory=_default_warmup)
    train_images: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | None = Field(
        default_factory=_default_train_images,
        description="Training images used; the rest of the training set becomes the validation set "
        "(45000 keeps the paper's 5000 apart). null uses all.",
    )
    augment: Augment = Field(
        default_factory=_default_augment, description="paper: pad-4 crop and flip; crop: no flip; none."
    )
    stride_in_1x1: bool = Field(default=True, strict=True, description="Bottlenecks only; the paper's place.")
    precision: Precision = Field(default="fp32", description="tf32 and bf16 depart from the paper.")
    evaluate_every: Iteration = 1000
    checkpoint_every: Iteration = 1000
    log_every: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    deterministic: bool = Field(default=True, strict=True)
    devices: Annotated[int, Field(strict=True)] = 1

    @field_validator("depth")
    @classmethod
    def _is_6n_plus_2(cls, depth: int) -> int:
        if not 8 <= depth <= DEEPEST or (depth - 2) % 6:
            raise PydanticCustomError(
                "depth", "depth must be 6n+2: 8, 14, 20, 26, 32 … up to {deepest}", {"deepest": DEEPEST}
            )
        return depth

    @field_validator("dataset")
    @classmethod
    def _is_not_imagenet(cls, dataset: str) -> str:
        if dataset == "imagenet":
            raise PydanticCustomError(
                "dataset", "imagenet is not available yet: the ImageNet family of networks is still to be built"
            )
        return dataset

    @field_validator("devices")
    @classmethod
    def _is_one(cls, devices: int) -> int:
        if devices != 1:
            raise PydanticCustomError("devices", "devices must be 1: training on several devices is not available yet")
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
    def family(self) -> Family:
        return family_of(self.dataset)

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
