"""Owns what is known of a network before it is built: layers, parameters, multiply-adds, memory. Loads no torch."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trainer.architecture import Architecture, BlockLayout, StageLayout, architecture
from trainer.catalog import BUILT_IN
from trainer.spec import RECOMPUTED_BLOCKS, RunSpec

FLOAT32_BYTES = 4
INT64_BYTES = 8

# Sec. 3.3: an identity where dimensions agree; where they grow, zeros are padded (A), or a 1×1 convolution projects.
ShortcutKind = Literal["identity", "padding", "projection"]


class LayerRow(BaseModel):
    """One row of the paper's tables (sec. 4.2, Table 1). `name` is the module's name in the state dict."""

    model_config = ConfigDict(frozen=True)

    name: str
    output_size: str = Field(description="Height × width of the output map.")
    blocks: str = Field(description="Kernels and filters, in the notation of Table 1.")
    convolutions: tuple[str, ...] = Field(description="One block's convolutions, first to last; empty in the last row.")
    channels: int = Field(description="The output map's channels; the classes in the last row.")
    stride: int = Field(description="The first block's stride, by which the map shrinks.")
    max_pool: str | None = Field(description="The pooling before the first block, if any.")
    shortcuts: tuple[ShortcutKind, ...] = Field(description="One per block; empty in a plain network.")
    weighted_layers: int
    parameters: int = Field(
        description="Parameters of convolutions, BN (γ and β) and the fully connected layer; projections included."
    )
    multiply_adds: int = Field(
        description="Multiply-adds for one image; a multiply and its add count once, as in the paper."
    )


class Memory(BaseModel):
    """Bytes that training needs on each device. The framework's own memory comes on top."""

    model_config = ConfigDict(frozen=True)

    weights_bytes: int
    gradients_bytes: int
    momentum_bytes: int
    activations_bytes: int = Field(
        description="What the backward pass needs of a mini-batch; usually the largest part."
    )


class NetworkPlan(BaseModel):
    """A specification's network, known exactly without any data on disk."""

    model_config = ConfigDict(frozen=True)

    name: str
    family: str
    classes: int
    weighted_layers: int = Field(description="The depth: convolutions of the main path and the fully connected layer.")
    parameters: int
    batch_norm_parameters: int = Field(description="BN γ and β, included in `parameters`; running statistics are not.")
    multiply_adds: int
    shortcuts: int
    projections: int
    layers: tuple[LayerRow, ...]
    memory: Memory
    memory_bytes: int
    recomputed_activations_bytes: int = Field(description="`activations_bytes` if `recompute_activations` were true.")


def plan(spec: RunSpec, classes: int | None = None) -> NetworkPlan:
    """The plan of a specification. Raises ValueError if `classes` is None for a data set of your own."""
    if classes is None:
        if spec.dataset not in BUILT_IN:
            raise ValueError(f"{spec.dataset} is not a built-in data set. State its number of classes.")
        classes = BUILT_IN[spec.dataset].classes
    network = architecture(spec)
    convolutions = [network.stem, *(conv for block in network.blocks for conv in block.convolutions)]
    rows = _rows(spec, network, classes)
    parameters = sum(row.parameters for row in rows)
    memory = _memory(spec, network, parameters)
    return NetworkPlan(
        name=spec.name,
        family=spec.family,
        classes=classes,
        weighted_layers=sum(row.weighted_layers for row in rows),
        parameters=parameters,
        batch_norm_parameters=sum(2 * conv.width for conv in convolutions),
        multiply_adds=sum(row.multiply_adds for row in rows),
        shortcuts=0 if spec.shortcut == "none" else len(network.blocks),
        projections=sum(block.projection is not None for block in network.blocks),
        layers=rows,
        memory=memory,
        memory_bytes=sum(memory.model_dump().values()),
        recomputed_activations_bytes=_activations_bytes(spec, network, RECOMPUTED_BLOCKS),
    )


def _rows(spec: RunSpec, network: Architecture, classes: int) -> tuple[LayerRow, ...]:
    rows = [_stage(spec, stage) for stage in network.stages]
    if network.has_max_pooling:
        pool = "3×3 max pool, stride 2"
        rows[0] = rows[0].model_copy(update={"blocks": f"{pool}; {rows[0].blocks}", "max_pool": pool})
    return (_first(network), *rows, _last(network, classes))


def _first(network: Architecture) -> LayerRow:
    stem = network.stem
    stride = network.input_size // stem.size
    return LayerRow(
        name="conv1",
        output_size=f"{stem.size}×{stem.size}",
        blocks=stem.notation + (f", stride {stride}" if stride > 1 else ""),
        convolutions=(stem.notation,),
        channels=stem.width,
        stride=stride,
        max_pool=None,
        shortcuts=(),
        weighted_layers=1,
        parameters=stem.parameters,
        multiply_adds=stem.multiply_adds,
    )


def _last(network: Architecture, classes: int) -> LayerRow:
    return LayerRow(
        name=network.head,
        output_size="1×1",
        blocks=f"average pool, {classes}-d fc, softmax",
        convolutions=(),
        channels=classes,
        stride=1,
        max_pool=None,
        shortcuts=(),
        weighted_layers=1,
        parameters=network.features * classes + classes,
        multiply_adds=network.features * classes,
    )


def _stage(spec: RunSpec, stage: StageLayout) -> LayerRow:
    convolutions = [conv for block in stage.blocks for conv in block.convolutions]
    return LayerRow(
        name=stage.name,
        output_size=f"{stage.size}×{stage.size}",
        blocks=stage.notation,
        convolutions=tuple(conv.notation for conv in stage.blocks[0].layers),
        channels=stage.blocks[0].layers[-1].width,
        stride=stage.stride,
        max_pool=None,
        shortcuts=() if spec.shortcut == "none" else tuple(map(_shortcut, stage.blocks)),
        weighted_layers=sum(len(block.layers) for block in stage.blocks),
        parameters=sum(conv.parameters for conv in convolutions),
        multiply_adds=sum(conv.multiply_adds for conv in convolutions),
    )


def _shortcut(block: BlockLayout) -> ShortcutKind:
    if block.projection is not None:
        return "projection"
    return "identity" if block.layers[0].width_in == block.layers[-1].width else "padding"


def _memory(spec: RunSpec, network: Architecture, parameters: int) -> Memory:
    """Weights, gradients and momentum are float32; see `_activations_bytes` for the rest."""
    return Memory(
        weights_bytes=FLOAT32_BYTES * parameters,
        gradients_bytes=FLOAT32_BYTES * parameters,
        momentum_bytes=FLOAT32_BYTES * parameters,
        activations_bytes=_activations_bytes(spec, network, spec.recomputed_blocks),
    )


def _activations_bytes(spec: RunSpec, network: Architecture, recomputed_blocks: int) -> int:
    """What backward needs of a device's share of a mini-batch: the input; each layer's output before BN and after ReLU
    (2 maps); each projection's output before BN (1 map); a max pooling's output and, in int64, the positions of its
    maxima. Under bf16 autocast the maps are half as wide.

    With recomputation, only the input of every few blocks is kept, plus all maps of the blocks that backward is in:
    the largest such moment counts.
    """
    first = 3 * network.input_size**2 + 2 * network.stem.elements
    pooled = network.stem.width * (network.stem.size // 2) ** 2 if network.has_max_pooling else 0
    maps = _most_elements(network, recomputed_blocks) if recomputed_blocks else sum(map(_elements, network.blocks))
    element_bytes = 2 if spec.precision == "bf16" else FLOAT32_BYTES
    return spec.batch_size // spec.devices * ((first + pooled + maps) * element_bytes + pooled * INT64_BYTES)


def _elements(block: BlockLayout) -> int:
    projection = 0 if block.projection is None else block.projection.elements
    return 2 * sum(conv.elements for conv in block.layers) + projection


def _most_elements(network: Architecture, blocks: int) -> int:
    input_elements = most = 0
    for stage in network.stages:
        for first in range(0, len(stage.blocks), blocks):
            segment = stage.blocks[first : first + blocks]
            most = max(most, input_elements + sum(map(_elements, segment)))
            # The next segment's input.
            input_elements += segment[-1].layers[-1].elements
    return most
