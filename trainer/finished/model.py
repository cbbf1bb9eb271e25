"""Owns a finished network: weights loaded as the network that their metadata describe, or refused."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from trainer import networks
from trainer.failure import Failure
from trainer.files import sealed, weights
from trainer.process.device import autocast
from trainer.spec import RunSpec

# All are needed to identify the network: v1 and v1.5, or plain and A, share every key.
REQUIRED = ("spec", "spec_hash", "data_hash", "iteration", "classes", "input_mean")


@dataclass(frozen=True)
class Model:
    """A network in evaluation mode; `metadata` are its file's (see trainer/files/weights.py)."""

    path: Path
    network: nn.Module
    spec: RunSpec
    classes: tuple[str, ...]
    mean: Tensor
    metadata: dict[str, str]

    @property
    def iteration(self) -> int:
        return int(self.metadata["iteration"])

    def has_classes(self, classes: tuple[str, ...]) -> bool:
        """Whether it was trained on these classes. Imported weights don't name theirs, so their number must do."""
        if self.metadata.get("origin") == "imported":
            return len(self.classes) == len(classes)
        return self.classes == classes

    def inputs(self, pixels: Tensor) -> Tensor:
        """uint8 (N, 3, H, W) to the network's input: 0–255 minus the mean.

        If H and W differ from the mean image's, its average per channel is subtracted: the authors' advice for other
        test scales (KaimingHe/deep-residual-networks#5).
        """
        fits = pixels.shape[-2:] == self.mean.shape[-2:]
        return pixels.float() - (self.mean if fits else self.mean.mean(dim=(-2, -1), keepdim=True))

    def logits(self, pixels: Tensor) -> Tensor:
        """Float64 (N, classes) of uint8 (N, 3, H, W), computed in the run's precision."""
        with autocast(pixels.device, self.spec):
            logits: Tensor = self.network(self.inputs(pixels))
        return logits.double()

    def describe(self) -> dict[str, object]:
        """What every report says of a network: its name, its origin, and the errors that its run reported."""
        errors = {name: float(value) for name, value in self.metadata.items() if name.endswith("_error")}
        return {
            "file": self.path.name,
            "name": self.spec.name,
            "dataset": self.spec.dataset,
            "iteration": self.iteration,
            "spec_hash": self.metadata["spec_hash"],
            "data_hash": self.metadata["data_hash"],
            "reported": errors,
        }


def load(path: Path, device: torch.device) -> Model:
    """The network in one of our weights files (.safetensors). Raises Failure(`invalid`) for any other file, and
    OSError for one that can't be read, for which the weights are not to blame."""
    tensors, metadata = _read(path)
    if metadata.get("task") == "detection":
        raise Failure("invalid", f"{path} contains a detector. Use detect for its average precision.")
    missing = [name for name in REQUIRED if name not in metadata]
    if missing:
        raise Failure("invalid", f"{path} does not identify its network: its metadata lack {', '.join(missing)}.")
    try:
        spec = RunSpec.model_validate_json(metadata["spec"])
        classes = tuple(json.loads(metadata["classes"]))
        network = networks.build(spec, len(classes))
        network.load_state_dict(tensors, strict=True)
    except (ValidationError, ValueError, RuntimeError) as error:
        raise Failure("invalid", f"{path} does not contain the weights that its metadata describe: {error}") from error
    network.to(device).eval()
    return Model(path, network, spec, classes, weights.mean_of(metadata).to(device), metadata)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        return sealed.read(path)
    except sealed.DamagedFile as error:
        raise Failure("invalid", f"{error}. Use the .safetensors file that the run saved.") from error
