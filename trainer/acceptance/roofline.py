"""Owns the least time that a training iteration takes on a device, from its multiply-adds and bytes. Loads no torch.

Each operation takes as long as its arithmetic at the device's peak or its bytes at the device's bandwidth, whichever is
longer, and nothing is fused: every map is written by one operation and read by the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trainer.architecture import Architecture, ConvLayout, architecture
from trainer.plan import plan
from trainer.spec import RunSpec

FLOAT32_BYTES = 4
# Maps that each operation reads or writes, in units of its output map.
BATCH_NORM = (3, 5)  # forward: statistics, then normalise; backward: two sums, then the gradient
RELU = (2, 3)  # in place; backward reads the output and the gradient
ADDITION = (3, 3)  # backward adds the gradients of the two paths
# SGD reads and writes weights, gradients and momentum: decay 3, m·v 2, + g 3, w − lr·v 3.
SGD = 11


@dataclass(frozen=True)
class Limits:
    """A device's float32 operations (a multiply and an add are two) and bytes read or written, each in a second."""

    operations_per_s: float
    bytes_per_s: float


@dataclass(frozen=True)
class Convolution:
    """A convolution in its network; `size_in` is the side of its input map."""

    layout: ConvLayout
    size_in: int
    is_first: bool = False

    @property
    def stride(self) -> int:
        return self.size_in // self.layout.size

    @property
    def passes(self) -> int:
        """Forward, the weights' gradient and the input's gradient, which the first layer does without."""
        return 2 if self.is_first else 3

    def operations(self, images: int) -> float:
        """Of one pass."""
        return 2.0 * self.layout.multiply_adds * images

    def bytes(self, images: int) -> float:
        """Of one pass: each reads two of input, output and weights (or their gradients), and writes the third."""
        inputs = self.layout.width_in * self.size_in**2
        weights = self.layout.kernel**2 * self.layout.width_in * self.layout.width
        return FLOAT32_BYTES * (images * (inputs + self.layout.elements) + weights)


def convolutions(spec: RunSpec) -> Iterator[Convolution]:
    """Every convolution of the network, from the first layer to the last, projections after their block's layers."""
    network = architecture(spec)
    yield Convolution(network.stem, network.input_size, is_first=True)
    size = network.stem.size // 2 if network.has_max_pooling else network.stem.size
    for block in network.blocks:
        block_size = size
        for layer in block.layers:
            yield Convolution(layer, size)
            size = layer.size
        if block.projection is not None:
            yield Convolution(block.projection, block_size)


def seconds(spec: RunSpec, limits: Limits) -> float:
    """The least time of one iteration on one device."""
    images, network = spec.batch_size, architecture(spec)
    convolving = sum(
        conv.passes * max(conv.operations(images) / limits.operations_per_s, conv.bytes(images) / limits.bytes_per_s)
        for conv in convolutions(spec)
    )
    return convolving + FLOAT32_BYTES * (images * _elements(spec, network) + SGD * plan(spec).parameters) / (
        limits.bytes_per_s
    )


def arithmetic_seconds(spec: RunSpec, limits: Limits) -> float:
    """The time of the convolutions' arithmetic alone."""
    return sum(conv.passes * conv.operations(spec.batch_size) for conv in convolutions(spec)) / limits.operations_per_s


def kernels(spec: RunSpec) -> int:
    """How many operations an iteration starts on its device, about: what bounds small networks on large devices.

    A convolution 3, its batch norm 2, its ReLU 2, a shortcut 2; loss, pooling, fc and SGD 30.
    """
    network = architecture(spec)
    shortcuts = 0 if spec.shortcut == "none" else len(network.blocks)
    return 7 * sum(1 for _ in convolutions(spec)) + 2 * shortcuts + 30


def _elements(spec: RunSpec, network: Architecture) -> float:
    """Values of one image that batch norms, ReLUs, additions and the max pooling read and write."""
    total: float = sum(sum(BATCH_NORM) * conv.layout.elements for conv in convolutions(spec))
    total += sum(RELU) * (network.stem.elements + sum(layer.elements for b in network.blocks for layer in b.layers))
    if spec.shortcut != "none":
        total += sum(ADDITION) * sum(block.layers[-1].elements for block in network.blocks)
    if network.has_max_pooling:
        # Forward reads the map and writes a quarter of it, with int64 positions; backward the other way round.
        total += 2 * (1 + 3 / 4) * network.stem.elements
    return total
