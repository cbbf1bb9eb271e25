"""Owns a finished detector: weights loaded as the detector that their metadata describe, or refused."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import ValidationError

from trainer.detection.network.detector import Detector
from trainer.detection.spec import DetectionSpec
from trainer.detection.testing.image import Member
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.weights import mean_of
from trainer.finished.model import REQUIRED


@dataclass(frozen=True)
class DetectionModel:
    """A detector in evaluation mode; `metadata` are its file's (see trainer/detection/task.py)."""

    path: Path
    member: Member
    classes: tuple[str, ...]
    metadata: dict[str, str]

    @property
    def spec(self) -> DetectionSpec:
        return self.member.spec

    @property
    def iteration(self) -> int:
        return int(self.metadata["iteration"])

    def describe(self) -> dict[str, object]:
        """What every report says of a detector: its name, its origin, and the mAP that its run reported."""
        reported = {name: float(value) for name, value in self.metadata.items() if name.endswith("_map")}
        return {
            "file": self.path.name,
            "name": self.spec.name,
            "dataset": self.spec.dataset,
            "iteration": self.iteration,
            "spec_hash": self.metadata["spec_hash"],
            "data_hash": self.metadata["data_hash"],
            "reported": reported,
        }


def load(path: Path, device: torch.device) -> DetectionModel:
    """The detector in one of our weights files (.safetensors). Raises Failure(`invalid`) for any other file, and
    OSError for one that can't be read, for which the weights are not to blame."""
    try:
        tensors, metadata = sealed.read(path)
    except sealed.DamagedFile as error:
        raise Failure("invalid", f"{error}. Use the .safetensors file that the run saved.") from error
    if metadata.get("task") != "detection":
        raise Failure("invalid", f"{path} contains a classifier. Use evaluate for its errors.")
    if missing := [name for name in REQUIRED if name not in metadata]:
        raise Failure("invalid", f"{path} does not identify its network: its metadata lack {', '.join(missing)}.")
    try:
        spec = DetectionSpec.model_validate_json(metadata["spec"])
        classes = tuple(json.loads(metadata["classes"]))
        detector = Detector(spec, len(classes))
        detector.load_state_dict(tensors, strict=True)
    except (ValidationError, ValueError, RuntimeError) as error:
        raise Failure("invalid", f"{path} does not contain the weights that its metadata describe: {error}") from error
    member = Member(detector.to(device).eval(), spec, mean_of(metadata).to(device))
    return DetectionModel(path, member, classes, metadata)
