"""What each field of a specification means, and which sentence of the paper is about it, if any."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeGuard, get_args

from pydantic import BaseModel

from paper import published
from paper.printed import Sentence
from trainer.catalog import Family
from trainer.detection.spec import DetectionSpec
from trainer.spec import PlateauSchedule, RunSpec, StepSchedule, Warmup

SENTENCES: Final[Mapping[str, Mapping[Family, str]]] = {
    "dataset": {"cifar": "cifar-data", "imagenet": "imagenet-data"},
    "family": {"cifar": "cifar-network"},
    "depth": {"cifar": "cifar-depths", "imagenet": "imagenet-option-b"},
    "shortcut": {"cifar": "cifar-option-a", "imagenet": "imagenet-option-a"},
    "seed": {"cifar": "five-runs"},
    "iterations": {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"},
    "batch_size": {"cifar": "cifar-batch", "imagenet": "imagenet-batch"},
    "lr": {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"},
    "momentum": {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"},
    "nesterov": {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"},
    "weight_decay": {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"},
    "decay_batch_norm": {"cifar": "cifar-regularisation", "imagenet": "imagenet-regularisation"},
    "init": {"cifar": "cifar-regularisation", "imagenet": "imagenet-initialisation"},
    "schedule": {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"},
    "schedule.at": {"cifar": "cifar-schedule"},
    "schedule.factor": {"cifar": "cifar-schedule", "imagenet": "imagenet-schedule"},
    "schedule.patience": {"imagenet": "imagenet-schedule"},
    "schedule.threshold": {"imagenet": "imagenet-schedule"},
    "warmup": {"cifar": "warm-up"},
    "warmup.lr": {"cifar": "warm-up"},
    "warmup.until_train_error": {"cifar": "warm-up"},
    "train_images": {"cifar": "cifar-schedule", "imagenet": "imagenet-data"},
    "augment": {"cifar": "cifar-augmentation", "imagenet": "imagenet-augmentation"},
    "stride_in_1x1": {"imagenet": "downsampling"},
    "devices": {"cifar": "cifar-batch"},
    # The paper says nothing about the machine, or about how often a run is measured.
    "precision": {},
    "recompute_activations": {},
    "evaluate_every": {},
    "checkpoint_every": {},
    "log_every": {},
    "deterministic": {},
}

PARTS: Final = {"": (RunSpec,), "schedule": (StepSchedule, PlateauSchedule), "warmup": (Warmup,)}


def of_detection() -> dict[str, str]:
    """The description of each field of a detection run and of its parts, such as "roi.size". It names its source."""
    return dict(_described(DetectionSpec, ""))


def _described(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    for name, info in model.model_fields.items():
        yield prefix + name, info.description or ""
        part = next((kind for kind in (info.annotation, *get_args(info.annotation)) if _is_model(kind)), None)
        if part is not None:
            yield from _described(part, f"{prefix}{name}.")


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def about(field: str) -> str:
    """The description of a field, or of its part such as "warmup.lr". Raises KeyError if there is no such field."""
    whole, _, part = field.rpartition(".")
    described = {name: info.description for model in PARTS[whole] for name, info in model.model_fields.items()}
    return described[part] or ""


def sentence(field: str, family: Family) -> Sentence | None:
    """The paper's sentence on a field for a family of networks, if any. Raises KeyError if there is no such field."""
    sentence_id = SENTENCES[field].get(family)
    return published.sentence(sentence_id) if sentence_id else None
