"""Checks a file of start weights: the network that it was declared to be, whole and finite.

It is torchvision's state dict, or a file that Reslab saved, whose metadata say more. Loads no torch.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Literal, cast

from pydantic import ValidationError

from store.weights import tensors
from store.weights.tensors import METADATA, Network, refusal
from trainer.detection.origin import LAST_LAYERS, classifier_shapes, has_bottlenecks, network_of
from trainer.detection.spec import DetectionNetwork, network_name
from trainer.seal import SEAL, canonical
from trainer.spec import RunSpec

Statistics = Literal["moving_average", "training_set"]
# What a detector reads of a file by Reslab.
NEEDED: Final = ("spec", "input_mean")


@dataclass(frozen=True)
class Checked:
    """What is known of a file. `stride_in_1x1` is None for a network without bottlenecks."""

    sha256: str
    size_bytes: int
    statistics: Statistics
    stride_in_1x1: bool | None


def check(file: IO[bytes], network: DetectionNetwork) -> Checked:
    """Reads the whole file. Raises Refused with what is wrong, and what is allowed."""
    entries = tensors.header(file)
    own = entries.get(METADATA) or {}
    stride_in_1x1, statistics = _own_story(own, network) if "spec" in own else (False, "moving_average")
    shapes = classifier_shapes(network, _classes(entries))
    places = tensors.places(entries, file, Network(network_name(network), shapes))
    body_at = file.tell()
    file.seek(0)
    whole = hashlib.sha256(file.read(body_at))
    unsealed = {name: value for name, value in own.items() if name != SEAL}
    sealed = hashlib.sha256(canonical({**entries, METADATA: unsealed}))
    for place in places:
        for part in tensors.parts(file, place):
            whole.update(part)
            sealed.update(part)
    if "spec" in own and own.get(SEAL) != sealed.hexdigest():
        raise refusal("the file was altered after Reslab wrote it: its checksum does not match.")
    stride = stride_in_1x1 if has_bottlenecks(network) else None
    return Checked(whole.hexdigest(), file.tell(), cast("Statistics", statistics), stride)


def _classes(entries: Mapping[str, Any]) -> int:
    """The length of the last layer's bias; 1,000, ImageNet's, where the file has none."""
    shapes = (entries[name].get("shape") for name in LAST_LAYERS if name in entries)
    lengths = [shape[0] for shape in shapes if isinstance(shape, list) and len(shape) == 1 and type(shape[0]) is int]
    return lengths[0] if lengths and 0 < lengths[0] <= 1_000_000 else 1000


def _own_story(own: Mapping[str, Any], network: DetectionNetwork) -> tuple[bool, str]:
    """Where a file by Reslab has its stride, and which statistics. Raises Refused for another network."""
    try:
        trained = RunSpec.model_validate(json.loads(own["spec"]))
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise refusal("its metadata don't say which network it contains.") from error
    if own.get("task") == "detection" or network_of(trained) != network:
        raise refusal(
            f"they are {trained.name}'s of the {trained.family} family. {network_name(network)} starts from a "
            "classifier of its own depth in the imagenet family, with option B."
        )
    if missing := [name for name in NEEDED if not isinstance(own.get(name), str)]:
        raise refusal(f"its metadata lack {missing[0]}.")
    return trained.stride_in_1x1, "training_set" if own.get("batch_norm") == "training_set" else "moving_average"
