"""Owns a finished network: weights read back as what their metadata say they are, or refused in words."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from trainer import networks
from trainer.failure import Failure
from trainer.files import sealed, weights
from trainer.spec import RunSpec

# Without one of these a file does not say which network it belongs to: v1 and v1.5, or plain and A, share every key.
NEEDED = ("spec", "spec_hash", "data_hash", "iteration", "classes", "input_mean")


@dataclass(frozen=True)
class Model:
    """A network in evaluation mode, and its story: the metadata of its file (see trainer/files/weights.py)."""

    path: Path
    network: nn.Module
    spec: RunSpec
    classes: tuple[str, ...]
    mean: Tensor
    story: dict[str, str]

    @property
    def iteration(self) -> int:
        return int(self.story["iteration"])

    def inputs(self, pixels: Tensor) -> Tensor:
        """uint8 (N, 3, H, W) to what the network was trained on: 0–255 minus the mean.

        Where H and W are not the mean image's, its average over the map is taken, one value a channel: the authors'
        advice for test sizes of another scale (KaimingHe/deep-residual-networks#5).
        """
        fits = pixels.shape[-2:] == self.mean.shape[-2:]
        return pixels.float() - (self.mean if fits else self.mean.mean(dim=(-2, -1), keepdim=True))

    def describe(self) -> dict[str, object]:
        """What a result must name: the network, where it comes from, and the errors that its run reported."""
        errors = {name: float(value) for name, value in self.story.items() if name.endswith("_error")}
        return {
            "file": self.path.name,
            "name": self.spec.name,
            "dataset": self.spec.dataset,
            "iteration": self.iteration,
            "spec_hash": self.story["spec_hash"],
            "data_hash": self.story["data_hash"],
            "reported": errors,
        }


def load(path: Path, device: torch.device) -> Model:
    """The network in a weights file of ours (.safetensors). Raises Failure(`invalid`) where it is none."""
    tensors, story = _read(path)
    missing = [name for name in NEEDED if name not in story]
    if missing:
        raise Failure("invalid", f"{path} does not say what network it is: its metadata lack {', '.join(missing)}")
    try:
        spec = RunSpec.model_validate_json(story["spec"])
        classes = tuple(json.loads(story["classes"]))
        network = networks.build(spec, len(classes))
        network.load_state_dict(tensors, strict=True)
    except (ValidationError, ValueError, RuntimeError) as error:
        raise Failure("invalid", f"{path} holds other weights than its metadata say: {error}") from error
    network.to(device).eval()
    return Model(path, network, spec, classes, weights.mean_of(story).to(device), story)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        return sealed.read(path)
    except OSError as error:
        raise Failure("invalid", f"cannot read the weights {path}: {error.strerror}") from error
    except sealed.Torn as torn:
        raise Failure(
            "invalid", f"{torn}. Weights are read from the .safetensors files that a run saves, metadata and all"
        ) from torn
