"""Foreign weights: checked tensor by tensor against the declared network, then written as one of our weights files.

Reads safetensors only, which is JSON and numbers: nothing is unpickled. Names and shapes must be those of the network
(trainer/state.py), the numbers finite float32. Loads no torch.
"""

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from store.db.errors import Refused
from store.imports.declaration import WeightsInput
from trainer.seal import SEAL, canonical, header_bytes
from trainer.spec import RunSpec
from trainer.state import Shape, tensor_shapes

FIELD: Final = "weights"
LENGTH_BYTES: Final = 8
# ResNet-1202's header has 1.1 MB.
MOST_HEADER_BYTES: Final = 16 * 1024 * 1024
PART_BYTES: Final = 1024 * 1024
COUNTER: Final = "num_batches_tracked"
FIRST: Final = "conv1.weight"
SIZES: Final = {"cifar": 32, "imagenet": 224}
BYTES: Final = {"F32": 4, "I64": 8}
METADATA: Final = "__metadata__"


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor's numbers are in the file's body."""

    name: str
    kind: str
    shape: Shape
    start: int
    end: int


@dataclass(frozen=True)
class Described:
    """What our weights files say of themselves: see trainer/files/weights.py."""

    spec: RunSpec
    classes: int
    iteration: int
    test_error: float | None


def convert(file: IO[bytes], target: Path, described: Described, input_: WeightsInput | None) -> tuple[str, int]:
    """Writes the weights as one of our files; returns its SHA-256 and size.

    The declared mean becomes the file's mean image, and the declared scale is multiplied into the first convolution, so
    that the network sees what it was trained on. Raises Refused with what is wrong, and what is allowed.
    """
    header = _header(file)
    own = header.get(METADATA) or {}
    _refuse_another(own, described.spec)
    places = _places(header, file, described)
    if input_ is None and "input_mean" not in own:
        raise _refuse(
            "the file doesn't say how images become its input. Declare weights_input: the mean and the standard "
            "deviation of each channel, and the scale of the pixels."
        )
    mean, factors = _prepared(own, described.spec, input_)
    body = target.with_suffix(".body")
    try:
        size = _write_body(file, places, factors, body)
        tensors = {place.name: _entry(place) for place in places}
        missing = _counters(described, tensors, size)
        with body.open("ab") as extended:
            extended.write(bytes(8 * len(missing)))
        metadata = _metadata(described, mean, own)
        return _seal(tensors | missing, metadata, body, target)
    finally:
        body.unlink(missing_ok=True)


def _header(file: IO[bytes]) -> dict[str, Any]:  # Any: JSON
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if not 2 <= length <= MOST_HEADER_BYTES:
        raise _refuse("this is not a safetensors file. Pickled files (.pt, .pth) are not read: they can run code.")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise _refuse("this is not a safetensors file: its header is not JSON.") from error
    if not isinstance(header, dict) or not all(isinstance(entry, dict) for entry in header.values()):
        raise _refuse("this is not a safetensors file: its header is not an object of tensors.")
    return header


def _refuse_another(own: Mapping[str, Any], spec: RunSpec) -> None:
    """What shapes don't show: plain and A, v1 and v1.5 have the same tensors."""
    facts = {"shortcut": spec.shortcut, "stride_in_1x1": str(spec.stride_in_1x1).lower()}
    for name, declared in facts.items():
        if own.get(name, declared) != declared:
            raise _refuse(f"they say {name} {str(own[name])[:20]!r}, but {declared!r} is declared.")


def _places(header: Mapping[str, Any], file: IO[bytes], described: Described) -> list[TensorPlace]:
    """The tensors in the order of their bytes, which they must fill without a gap."""
    start = file.tell()
    size = file.seek(0, 2) - start
    file.seek(start)
    shapes = tensor_shapes(described.spec, described.classes)
    places = sorted(
        (_place(name, entry, shapes, described) for name, entry in header.items() if name != METADATA),
        key=lambda place: (place.start, place.end),
    )
    missing = sorted(name for name in shapes.keys() - header.keys() if not name.endswith(COUNTER))
    if missing:
        raise _refuse(
            f"they are not {described.spec.name}'s: {missing[0]} is missing, and {len(missing) - 1:,} others."
        )
    at = 0
    for place in places:
        if place.start != at:
            raise _refuse("the tensors overlap, or leave a gap.")
        at = place.end
    if at != size:
        raise _refuse(f"the file is cut short, or longer than its tensors: {size:,} bytes of {at:,}.")
    return places


def _place(name: str, entry: Mapping[str, Any], shapes: Mapping[str, Shape], described: Described) -> TensorPlace:
    if name not in shapes:
        raise _refuse(f"they are not {described.spec.name}'s: it has no tensor {name[:80]!r}.")
    kind, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    expected = "I64" if name.endswith(COUNTER) else "F32"
    if kind != expected:
        raise _refuse(f"{name} has the type {str(kind)[:10]!r}; it must be {expected}.")
    if shape != list(shapes[name]):
        raise _refuse(
            f"they are not {described.spec.name}'s: {name} has the shape {str(shape)[:60]}, not {list(shapes[name])}."
        )
    is_pair = isinstance(offsets, list) and len(offsets) == 2 and all(type(offset) is int for offset in offsets)
    if not is_pair or offsets[1] - offsets[0] != BYTES[expected] * math.prod(shapes[name]):  # type: ignore[index]  # a pair
        raise _refuse(f"{name} has other bytes than its shape needs.")
    return TensorPlace(name, expected, shapes[name], *offsets)  # type: ignore[misc]  # a pair


def _prepared(own: Mapping[str, Any], spec: RunSpec, input_: WeightsInput | None) -> tuple[str, "np.ndarray[Any, Any]"]:
    """The mean image in base64, in 0–255, and the factor of each channel of the first convolution."""
    if input_ is None:
        mean = own["input_mean"]
        if not isinstance(mean, str) or len(mean) > 4 * 4 * 3 * 224 * 224 // 3 + 8:
            raise _refuse("its input_mean is not a mean image.")
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
            for part in _parts(file, place.end - place.start):
                out.write(_checked(place, part, factors))
        return out.tell()


def _parts(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        part = file.read(min(size, PART_BYTES))
        if not part:
            raise _refuse("the file is cut short.")
        size -= len(part)
        yield part


def _checked(place: TensorPlace, part: bytes, factors: "np.ndarray[Any, Any]") -> bytes:
    if place.kind != "F32":
        return part
    numbers = np.frombuffer(part, "<f4")
    if not np.isfinite(numbers).all():
        raise _refuse(f"{place.name} has a number that is not finite.")
    if place.name == FIRST and not np.all(factors == 1):  # 64·3·7·7 numbers at most, in one part
        numbers = (numbers.reshape(place.shape) * factors[None, :, None, None]).astype("<f4")
    return numbers.tobytes()


def _entry(place: TensorPlace) -> dict[str, Any]:
    return {"dtype": place.kind, "shape": list(place.shape), "data_offsets": [place.start, place.end]}


def _counters(described: Described, tensors: Mapping[str, Any], size: int) -> dict[str, Any]:
    """BN's counters, which some tools leave out and no evaluation reads: zeros after the other tensors."""
    names = sorted(tensor_shapes(described.spec, described.classes).keys() - tensors.keys())
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


def _seal(tensors: Mapping[str, Any], metadata: dict[str, str], body: Path, target: Path) -> tuple[str, int]:
    """Joins header and body, sealed as trainer/seal.py does; returns the file's SHA-256 and size."""
    sealed = hashlib.sha256(canonical({METADATA: metadata, **tensors}))
    with body.open("rb") as source:
        while part := source.read(PART_BYTES):
            sealed.update(part)
    head = header_bytes({METADATA: metadata | {SEAL: sealed.hexdigest()}, **tensors})
    whole = hashlib.sha256(head)
    with body.open("rb") as source, target.open("wb") as out:
        out.write(head)
        while part := source.read(PART_BYTES):
            whole.update(part)
            out.write(part)
        return whole.hexdigest(), out.tell()


def _refuse(text: str) -> Refused:
    return Refused(FIELD, f"The weights can't be used: {text}")
