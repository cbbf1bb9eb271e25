"""A safetensors file of somebody else's, checked tensor by tensor against the network that it should hold.

The format is JSON and numbers: nothing is unpickled. Names and shapes must be the network's, the numbers finite
float32. Loads no torch.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

import numpy as np

from store.db.errors import Refused
from trainer.state import Shape

FIELD: Final = "weights"
LENGTH_BYTES: Final = 8
# ResNet-1202's header has 1.1 MB.
MOST_HEADER_BYTES: Final = 16 * 1024 * 1024
PART_BYTES: Final = 1024 * 1024
# BN's, which some tools leave out and no evaluation reads.
COUNTER: Final = "num_batches_tracked"
BYTES: Final = {"F32": 4, "I64": 8}
METADATA: Final = "__metadata__"


@dataclass(frozen=True)
class Network:
    """A network's name, and the shape of each of its tensors."""

    name: str
    shapes: Mapping[str, Shape]


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor's numbers are in the file's body."""

    name: str
    kind: str
    shape: Shape
    start: int
    end: int


def header(file: IO[bytes]) -> dict[str, Any]:  # Any: JSON
    """Reads the header; the file is then at its body. Raises Refused."""
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if not 2 <= length <= MOST_HEADER_BYTES:
        raise refusal("this is not a safetensors file. Pickled files (.pt, .pth) are not read: they can run code.")
    try:
        content = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise refusal("this is not a safetensors file: its header is not JSON.") from error
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise refusal("this is not a safetensors file: its header is not an object of tensors.")
    return content


def places(entries: Mapping[str, Any], file: IO[bytes], network: Network) -> list[TensorPlace]:
    """The tensors in the order of their bytes, which they must fill without a gap. Raises Refused."""
    start = file.tell()
    size = file.seek(0, 2) - start
    file.seek(start)
    unordered = (_place(name, entry, network) for name, entry in entries.items() if name != METADATA)
    ordered = sorted(unordered, key=lambda place: (place.start, place.end))
    missing = sorted(name for name in network.shapes.keys() - entries.keys() if not name.endswith(COUNTER))
    if missing:
        raise refusal(f"they are not {network.name}'s: {missing[0]} is missing, and {len(missing) - 1:,} others.")
    at = 0
    for place in ordered:
        if place.start != at:
            raise refusal("the tensors overlap, or leave a gap.")
        at = place.end
    if at != size:
        raise refusal(f"the file is cut short, or longer than its tensors: {size:,} bytes of {at:,}.")
    return ordered


def _place(name: str, entry: Mapping[str, Any], network: Network) -> TensorPlace:
    shapes = network.shapes
    if name not in shapes:
        raise refusal(f"they are not {network.name}'s: it has no tensor {name[:80]!r}.")
    kind, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    expected = "I64" if name.endswith(COUNTER) else "F32"
    if kind != expected:
        raise refusal(f"{name} has the type {str(kind)[:10]!r}; it must be {expected}.")
    if shape != list(shapes[name]):
        raise refusal(
            f"they are not {network.name}'s: {name} has the shape {str(shape)[:60]}, not {list(shapes[name])}."
        )
    is_pair = isinstance(offsets, list) and len(offsets) == 2 and all(type(offset) is int for offset in offsets)
    if not is_pair or offsets[1] - offsets[0] != BYTES[expected] * math.prod(shapes[name]):  # type: ignore[index]  # a pair
        raise refusal(f"{name} has other bytes than its shape needs.")
    return TensorPlace(name, expected, shapes[name], *offsets)  # type: ignore[misc]  # a pair


def parts(file: IO[bytes], place: TensorPlace) -> Iterator[bytes]:
    """The bytes of the next tensor. Raises Refused for a number that is not finite."""
    size = place.end - place.start
    while size > 0:
        part = file.read(min(size, PART_BYTES))
        if not part:
            raise refusal("the file is cut short.")
        size -= len(part)
        if place.kind == "F32" and not np.isfinite(np.frombuffer(part, "<f4")).all():
            raise refusal(f"{place.name} has a number that is not finite.")
        yield part


def refusal(text: str) -> Refused:
    return Refused(FIELD, f"The weights can't be used: {text}")
