"""Owns the weights that a detector starts from: a classifier that this service trained (sec. 4.3)."""

import json
from pathlib import Path

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from trainer.detection.network.detector import Detector
from trainer.detection.origin import refusal
from trainer.detection.spec import DetectionSpec
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.weights import mean_of
from trainer.manifest import sha256
from trainer.spec import RunSpec


def load(detector: Detector, spec: DetectionSpec, path: Path) -> Tensor:
    """Copy the classifier's layers into the detector. Returns its mean colour, float32 (3, 1, 1) in 0-255.

    Raises Failure(`invalid`) if the file is not the one that the specification names, or another network's.
    """
    tensors, metadata = _read(spec, path)
    _refuse_another_network(spec, metadata, path)
    with torch.no_grad():
        for part in (detector.backbone, detector.roi_heads.box_head):
            _copy(part, tensors, path)
    return mean_of(metadata).mean(dim=(1, 2), keepdim=True)


def _read(spec: DetectionSpec, path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        digest = sha256(path)
        if spec.start is None or digest != spec.start.sha256:
            expected = spec.start.sha256 if spec.start else "none"
            raise Failure("invalid", f"start names the weights {expected}, but {path} has the SHA-256 {digest}.")
        return sealed.read(path)
    except OSError as error:
        raise Failure("invalid", f"The start weights {path} cannot be read: {error.strerror}.") from error
    except sealed.DamagedFile as error:
        raise Failure("invalid", f"{error}. Use the .safetensors file that a run of this service saved.") from error


def _refuse_another_network(spec: DetectionSpec, metadata: dict[str, str], path: Path) -> None:
    """Keys and shapes are not enough: a v1 and a v1.5 network load into each other silently."""
    try:
        trained = RunSpec.model_validate(json.loads(metadata.get("spec", "{}")))
    except (ValidationError, ValueError) as error:
        raise Failure("invalid", f"{path} does not say which network it contains.") from error
    if reason := refusal(spec, trained):
        raise Failure("invalid", f"{path} doesn't fit: {reason}")


def _copy(part: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    for name, own in part.state_dict().items():
        if name not in tensors or tensors[name].shape != own.shape:
            raise Failure("invalid", f"{path} has no tensor {name} of the shape {tuple(own.shape)}.")
        own.copy_(tensors[name])
