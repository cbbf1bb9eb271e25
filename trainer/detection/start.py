"""Owns the weights that a detector starts from (sec. 4.3): a classifier of this service, or one of torchvision's."""

import json
from pathlib import Path

from pydantic import ValidationError
from torch import Tensor

from trainer.detection import torchvision_weights
from trainer.detection.network.detector import Detector
from trainer.detection.origin import refusal
from trainer.detection.spec import DetectionSpec
from trainer.failure import Failure
from trainer.files import sealed
from trainer.files.weights import mean_of
from trainer.finished import statistics
from trainer.manifest import sha256
from trainer.spec import RunSpec

# What a detector has no use for: the last layer, and batch norm's count of mini-batches where it is frozen.
IGNORED = ("fc.weight", "fc.bias", "classifier.6.weight", "classifier.6.bias", "num_batches_tracked")


def load(detector: Detector, spec: DetectionSpec, path: Path) -> Tensor:
    """Copy the classifier's layers into the detector. Returns its mean colour, float32 (3, 1, 1) in 0-255.

    Raises Failure(`invalid`) if the file is not the one that the specification names, or another network's, and OSError
    if it can't be read, for which the run is not to blame.
    """
    _refuse_another_file(spec, path)
    metadata = sealed.metadata(path)
    _refuse_other_statistics(spec, metadata, path)
    tensors, mean = _ours(spec, path) if "spec" in metadata else _torchvisions(spec, path)
    own = {**detector.backbone.state_dict(), **detector.roi_heads.box_head.state_dict()}
    if more := [name for name in tensors if name not in own and not name.endswith(IGNORED)]:
        # A deeper network has all layers of a shallower one, with equal shapes.
        raise Failure("invalid", f"{path} is not {spec.name}: it has the tensor {more[0]}, which {spec.name} lacks.")
    _copy(own, tensors, path)
    return mean


def _refuse_another_file(spec: DetectionSpec, path: Path) -> None:
    digest = sha256(path)
    if spec.start is None or digest != spec.start.sha256:
        expected = spec.start.sha256 if spec.start else "none"
        raise Failure("invalid", f"start names the weights {expected}, but {path} has the SHA-256 {digest}.")


def _refuse_other_statistics(spec: DetectionSpec, metadata: dict[str, str], path: Path) -> None:
    declared = spec.start.statistics if spec.start else ""
    actual = metadata.get(statistics.FIELD, "moving_average")
    if actual != declared:
        raise Failure(
            "invalid",
            f"start.statistics says {declared}, but the batch norm statistics of {path} are {actual}. Set "
            f"start.statistics to {actual}, or name the file that `python -m trainer statistics` wrote.",
        )


def _ours(spec: DetectionSpec, path: Path) -> tuple[dict[str, Tensor], Tensor]:
    """The weights of a classifier that this service trained, and its mean colour."""
    try:
        tensors, metadata = sealed.read(path)
    except sealed.DamagedFile as error:
        raise Failure("invalid", f"{error}. Use the .safetensors file that a run of this service saved.") from error
    _refuse_another_network(spec, metadata, path)
    return tensors, mean_of(metadata).mean(dim=(1, 2), keepdim=True)


def _torchvisions(spec: DetectionSpec, path: Path) -> tuple[dict[str, Tensor], Tensor]:
    """The weights of one of torchvision's classifiers, whose bottlenecks are v1.5, and its mean colour."""
    tensors = torchvision_weights.read(path)
    if spec.depth >= 50 and spec.stride_in_1x1:
        raise Failure(
            "invalid",
            f"{path} does not say where its bottlenecks have their stride. torchvision's have it in the 3×3 layer: "
            "set stride_in_1x1 to false, or start from a run of this service.",
        )
    return torchvision_weights.adapted(tensors)


def _refuse_another_network(spec: DetectionSpec, metadata: dict[str, str], path: Path) -> None:
    """Keys and shapes are not enough: a v1 and a v1.5 network load into each other silently."""
    try:
        trained = RunSpec.model_validate(json.loads(metadata.get("spec", "{}")))
    except (ValidationError, ValueError) as error:
        raise Failure("invalid", f"{path} does not say which network it contains.") from error
    if reason := refusal(spec, trained):
        raise Failure("invalid", f"{path} doesn't fit: {reason}")


def _copy(own: dict[str, Tensor], tensors: dict[str, Tensor], path: Path) -> None:
    """A state dict's tensors are the network's own."""
    for name, value in own.items():
        if name not in tensors or tensors[name].shape != value.shape:
            raise Failure("invalid", f"{path} has no tensor {name} of the shape {tuple(value.shape)}.")
        value.copy_(tensors[name])
