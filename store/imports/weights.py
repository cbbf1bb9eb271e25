"""Foreign weights: checked against the declared network (store/weights/tensors.py), then written as one of our files.

Loads no torch.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from store.imports.declaration import WeightsInput
from store.weights import tensors
from store.weights.tensors import METADATA, PART_BYTES, Network, TensorPlace, refusal
from trainer.seal import SEAL, canonical, header_bytes
from trainer.spec import RunSpec
from trainer.state import Shape, tensor_shapes

FIRST: Final = "conv1.weight"
SIZES: Final = {"cifar": 32, "imagenet": 224}


@dataclass(frozen=True)
class Described:
    """What our weights files say of themselves: see trainer/files/weights.py."""

    spec: RunSpec
    classes: int
    iteration: int
    test_error: float | None
    unknown: tuple[str, ...] = ()  # fields of `spec` that nobody declared


def convert(file: IO[bytes], target: Path, described: Described, input_: WeightsInput | None) -> tuple[str, int]:
    """Writes the weights as one of our files; returns its SHA-256 and size.

    The declared mean becomes the file's mean image, and the declared scale is multiplied into the first convolution, so
    that the network sees what it was trained on. Raises Refused with what is wrong, and what is allowed.
    """
    header = tensors.header(file)
    own = header.get(METADATA) or {}
    _refuse_another(own, described.spec)
    shapes = tensor_shapes(described.spec, described.classes)
    places = tensors.places(header, file, Network(described.spec.name, shapes))
    if input_ is None and "input_mean" not in own:
        raise refusal(
            "the file doesn't say how images become its input. Declare weights_input: the mean and the standard "
            "deviation of each channel, and the scale of the pixels."
        )
    mean, factors = _prepared(own, described.spec, input_)
    body = target.with_suffix(".body")
    try:
        size = _write_body(file, places, factors, body)
        entries = {place.name: _entry(place) for place in places}
        missing = _counters(shapes, entries, size)
        with body.open("ab") as extended:
            extended.write(bytes(8 * len(missing)))
        metadata = _metadata(described, mean, own)
        return _seal(entries | missing, metadata, body, target)
    finally:
        body.unlink(missing_ok=True)


def _refuse_another(own: Mapping[str, Any], spec: RunSpec) -> None:
    """What shapes don't show: plain and A, v1 and v1.5 have the same tensors."""
    facts = {"shortcut": spec.shortcut, "stride_in_1x1": str(spec.stride_in_1x1).lower()}
    for name, declared in facts.items():
        if own.get(name, declared) != declared:
            raise refusal(f"they say {name} {str(own[name])[:20]!r}, but {declared!r} is declared.")


def _prepared(own: Mapping[str, Any], spec: RunSpec, input_: WeightsInput | None) -> tuple[str, "np.ndarray[Any, Any]"]:
    """The mean image in base64, in 0–255, and the factor of each channel of the first convolution."""
    if input_ is None:
        mean = own["input_mean"]
        if not isinstance(mean, str) or len(mean) > 4 * 4 * 3 * 224 * 224 // 3 + 8:
            raise refusal("its input_mean is not a mean image.")
        return mean, np.ones(3, np.float32)
    side = SIZES[spec.family]
    levels = np.array(input_.mean, np.float64) * 255 / input_.scale
    image = np.broadcast_to(levels.astype("<f4")[:, None, None], (3, side, side))
    factors = input_.scale / (255 * np.array(input_.std, np.float64))
    return base64.b64encode(np.ascontiguousarray(image).tobytes()).decode(), factors.astype(np.float32)


def _write_body(file: IO[bytes], places: list[TensorPlace], factors: "np.ndarray[Any, Any]", body: Path) -> int:
    """Copies the numbers, each checked; returns their bytes."""
    with body.open("wb") as out:
        for place in places:
            for part in tensors.parts(file, place):
                out.write(_scaled(part, place, factors) if place.name == FIRST else part)
        return out.tell()


def _scaled(part: bytes, place: TensorPlace, factors: "np.ndarray[Any, Any]") -> bytes:
    if np.all(factors == 1):
        return part
    numbers = np.frombuffer(part, "<f4").reshape(place.shape)  # 64·3·7·7 numbers at most, in one part
    scaled: bytes = (numbers * factors[None, :, None, None]).astype("<f4").tobytes()
    return scaled


def _entry(place: TensorPlace) -> dict[str, Any]:
    return {"dtype": place.kind, "shape": list(place.shape), "data_offsets": [place.start, place.end]}


def _counters(shapes: Mapping[str, Shape], entries: Mapping[str, Any], size: int) -> dict[str, Any]:
    """BN's counters, which some tools leave out and no evaluation reads: zeros after the other tensors."""
    names = sorted(shapes.keys() - entries.keys())
    return {
        name: {"dtype": "I64", "shape": [], "data_offsets": [size + 8 * index, size + 8 * index + 8]}
        for index, name in enumerate(names)
    }


def _metadata(described: Described, mean: str, own: Mapping[str, Any]) -> dict[str, str]:
    spec, side = described.spec, SIZES[described.spec.family]
    return {
        "family": spec.family,
        "depth": str(spec.depth),
        "shortcut": spec.shortcut,
        "stride_in_1x1": str(spec.stride_in_1x1).lower(),
        "classes": json.dumps(_classes(own, described.classes), ensure_ascii=False),
        "origin": "imported",
        "dataset": spec.dataset,
        "iteration": str(described.iteration),
        **({} if described.test_error is None else {"test_error": repr(described.test_error)}),
        "spec": spec.canonical_json(),
        **({"unknown": ", ".join(described.unknown)} if described.unknown else {}),
        "spec_hash": spec.hash(),
        # Of the images that it was trained on; empty where nobody said.
        "data_hash": hashed if re.fullmatch("[0-9a-f]{64}", hashed := str(own.get("data_hash", ""))) else "",
        "input": f"float32 (N, 3, {side}, {side}) in 0-255, RGB, minus input_mean",
        "input_mean": mean,
    }


def _classes(own: Mapping[str, Any], count: int) -> list[str]:
    """Their names in a file by Reslab; elsewhere numbers, in the order of the data set."""
    try:
        names = json.loads(own.get("classes", ""))
    except (ValueError, TypeError, RecursionError):
        names = None
    is_fit = isinstance(names, list) and len(names) == count and all(isinstance(name, str) for name in names)
    return names if is_fit else [str(number) for number in range(count)]


def _seal(entries: Mapping[str, Any], metadata: dict[str, str], body: Path, target: Path) -> tuple[str, int]:
    """Joins header and body, sealed as trainer/seal.py does; returns the file's SHA-256 and size."""
    sealed = hashlib.sha256(canonical({METADATA: metadata, **entries}))
    with body.open("rb") as source:
        while part := source.read(PART_BYTES):
            sealed.update(part)
    head = header_bytes({METADATA: metadata | {SEAL: sealed.hexdigest()}, **entries})
    whole = hashlib.sha256(head)
    with body.open("rb") as source, target.open("wb") as out:
        out.write(head)
        while part := source.read(PART_BYTES):
            whole.update(part)
            out.write(part)
        return whole.hexdigest(), out.tell()
