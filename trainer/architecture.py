"""Owns the shape of every network, layer by layer, as sec. 4.2 and Table 1 draw it. Loads no torch.

Kept separate from trainer/networks on purpose: the plan is computed from here, and tests compare the networks with it.
"""

from dataclasses import dataclass

from trainer.spec import RunSpec

# Sec. 4.2: filters and map size of the three stages.
CIFAR_STAGES = ((16, 32), (32, 16), (64, 8))
# Table 1: filters and map size of conv2_x to conv5_x, and their blocks. From 50 layers on blocks are bottlenecks.
IMAGENET_STAGES = ((64, 56), (128, 28), (256, 14), (512, 7))
IMAGENET_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
FIRST_BOTTLENECK = 50
EXPANSION = 4


@dataclass(frozen=True)
class ConvLayout:
    """A convolution and the BN after it; `size` is the side of its output map."""

    kernel: int
    width_in: int
    width: int
    size: int

    @property
    def notation(self) -> str:
        """As in Table 1: kernel, filters."""
        return f"{self.kernel}×{self.kernel}, {self.width}"

    @property
    def parameters(self) -> int:
        """Includes γ and β of its BN; there is no bias."""
        return self.kernel**2 * self.width_in * self.width + 2 * self.width

    @property
    def multiply_adds(self) -> int:
        return self.kernel**2 * self.width_in * self.width * self.size**2

    @property
    def elements(self) -> int:
        return self.width * self.size**2


@dataclass(frozen=True)
class BlockLayout:
    layers: tuple[ConvLayout, ...]
    projection: ConvLayout | None

    @property
    def convolutions(self) -> tuple[ConvLayout, ...]:
        return self.layers if self.projection is None else (*self.layers, self.projection)


@dataclass(frozen=True)
class StageLayout:
    """`stride` is the first block's; the other blocks keep the size."""

    name: str
    size: int
    stride: int
    blocks: tuple[BlockLayout, ...]
    notation: str  # as in Table 1


@dataclass(frozen=True)
class Architecture:
    """`stem` is the first layer, followed by a 3×3 max pooling of stride 2 for ImageNet, the stages, pooling and fc."""

    input_size: int
    stem: ConvLayout
    has_max_pooling: bool
    stages: tuple[StageLayout, ...]
    features: int
    head: str  # the fc layer's name in the state dict

    @property
    def blocks(self) -> tuple[BlockLayout, ...]:
        return tuple(block for stage in self.stages for block in stage.blocks)


def architecture(spec: RunSpec) -> Architecture:
    """The architecture of a specification's network."""
    match spec.family:
        case "cifar":
            counts = ((spec.depth - 2) // 6,) * 3
            stages = _stages(spec, CIFAR_STAGES, counts, 16)
            return Architecture(32, ConvLayout(3, 3, 16, 32), False, stages, 64, "linear")
        case "imagenet":
            stages = _stages(spec, IMAGENET_STAGES, IMAGENET_BLOCKS[spec.depth], 64)
            features = stages[-1].blocks[-1].layers[-1].width
            return Architecture(224, ConvLayout(7, 3, 64, 112), True, stages, features, "fc")


def _stages(
    spec: RunSpec, maps: tuple[tuple[int, int], ...], counts: tuple[int, ...], width_in: int
) -> tuple[StageLayout, ...]:
    stages = []
    size_in = maps[0][1]
    for number, ((filters, size), count) in enumerate(zip(maps, counts, strict=True), 1):
        blocks, stride = [], size_in // size
        for _ in range(count):
            block = _block(spec, filters, (width_in, size_in), size)
            blocks.append(block)
            width_in, size_in = block.layers[-1].width, size
        layers = "; ".join(conv.notation for conv in blocks[0].layers)
        stages.append(StageLayout(f"layer{number}", size, stride, tuple(blocks), f"[{layers}] × {count}"))
    return tuple(stages)


def _block(spec: RunSpec, filters: int, map_in: tuple[int, int], size: int) -> BlockLayout:
    """`map_in` is the width and the side of the block's input."""
    width_in, size_in = map_in
    if spec.family == "cifar" or spec.depth < FIRST_BOTTLENECK:
        layers: tuple[ConvLayout, ...] = (ConvLayout(3, width_in, filters, size), ConvLayout(3, filters, filters, size))
    else:
        first = ConvLayout(1, width_in, filters, size if spec.stride_in_1x1 else size_in)
        layers = (first, ConvLayout(3, filters, filters, size), ConvLayout(1, filters, EXPANSION * filters, size))
    width = layers[-1].width
    # B projects where dimensions grow, in conv2_1 of a bottleneck net as well (64 to 256 at stride 1); C everywhere.
    projects = spec.shortcut == "C" or (spec.shortcut == "B" and width != width_in)
    return BlockLayout(layers, ConvLayout(1, width_in, width, size) if projects else None)
