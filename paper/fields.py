"""What each field of a specification is, and which sentence of the paper speaks of it; of some it says nothing."""

from collections.abc import Mapping
from typing import Final

from paper import published
from paper.printed import Sentence
from trainer.catalog import Family
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
    # Of the machine and of how often a run is looked at the paper says nothing.
    "precision": {},
    "recompute_activations": {},
    "evaluate_every": {},
    "checkpoint_every": {},
    "log_every": {},
    "deterministic": {},
}

PARTS: Final = {"": (RunSpec,), "schedule": (StepSchedule, PlateauSchedule), "warmup": (Warmup,)}


def about(field: str) -> str:
    """What a field is, or a part of one, "warmup.lr", in the specification's own words. KeyError: no such field."""
    whole, _, part = field.rpartition(".")
    described = {name: said.description for model in PARTS[whole] for name, said in model.model_fields.items()}
    return described[part] or ""


def sentence(field: str, family: Family) -> Sentence | None:
    """What the paper says of a field to the nets of a family; None where it says nothing. KeyError: no such field."""
    named = SENTENCES[field].get(family)
    return published.sentence(named) if named else None
