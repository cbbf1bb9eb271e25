"""Owns the arithmetic of a network before it exists: layers, parameters, multiply-adds, memory. Loads no torch."""

from pydantic import BaseModel, ConfigDict, Field

from trainer.catalog import BUILT_IN
from trainer.spec import RunSpec, Shortcut

# Sec. 4.2: filters and map size of the three stages, on 3×32×32 images.
STAGES = ((16, 32), (32, 16), (64, 8))
INPUT_ELEMENTS = 3 * 32 * 32
FLOAT32_BYTES = 4


class Row(BaseModel):
    """One row of the paper's table (sec. 4.2). `name` is the module's name in the state dict."""

    model_config = ConfigDict(frozen=True)

    name: str
    output_size: str = Field(description="Height × width of the output map.")
    blocks: str = Field(description="Kernels and filters, in the notation of Table 1.")
    weighted_layers: int
    parameters: int = Field(description="Convolutions, BN γ and β, fully connected; projections included.")
    multiply_adds: int = Field(description="For one image; a multiply and its add count once, as in the paper.")


class Memory(BaseModel):
    """Bytes that training needs on its device, by the formula of `_memory`; the framework itself comes on top."""

    model_config = ConfigDict(frozen=True)

    weights_bytes: int
    gradients_bytes: int
    momentum_bytes: int
    activations_bytes: int


class Plan(BaseModel):
    """What a specification asks for, known exactly without any data on disk."""

    model_config = ConfigDict(frozen=True)

    name: str
    family: str
    classes: int
    weighted_layers: int = Field(description="Convolutions of the main path and the fully connected layer (6n+2).")
    parameters: int
    batch_norm_parameters: int = Field(description="γ and β, included in `parameters`; running statistics are not.")
    multiply_adds: int
    shortcuts: int
    projections: int
    layers: tuple[Row, ...]
    memory: Memory
    memory_bytes: int


def plan(spec: RunSpec, classes: int | None = None) -> Plan:
    """The plan of a specification. `classes` must be given for a data set of your own: ValueError without it."""
    if classes is None:
        if spec.dataset not in BUILT_IN:
            raise ValueError(f"the number of classes of {spec.dataset} must be given: it is no built-in data set")
        classes = BUILT_IN[spec.dataset].classes
    blocks = (spec.depth - 2) // 6
    rows = _rows(spec.shortcut, blocks, classes)
    memory = _memory(spec, blocks, sum(row.parameters for row in rows))
    return Plan(
        name=spec.name,
        family=spec.family,
        classes=classes,
        weighted_layers=sum(row.weighted_layers for row in rows),
        parameters=sum(row.parameters for row in rows),
        batch_norm_parameters=_batch_norm_parameters(spec.shortcut, blocks),
        multiply_adds=sum(row.multiply_adds for row in rows),
        shortcuts=0 if spec.shortcut == "none" else 3 * blocks,
        projections=_projections(spec.shortcut, blocks),
        layers=rows,
        memory=memory,
        memory_bytes=sum(memory.model_dump().values()),
    )


def _rows(shortcut: Shortcut, blocks: int, classes: int) -> tuple[Row, ...]:
    first = Row(
        name="conv1",
        output_size="32×32",
        blocks="3×3, 16",
        weighted_layers=1,
        parameters=_conv(3, 3, 16),
        multiply_adds=3 * 3 * 3 * 16 * 32 * 32,
    )
    last = Row(
        name="linear",
        output_size="1×1",
        blocks=f"average pool, {classes}-d fc, softmax",
        weighted_layers=1,
        parameters=64 * classes + classes,
        multiply_adds=64 * classes,
    )
    return (first, *(_stage(stage, shortcut, blocks) for stage in range(3)), last)


def _stage(stage: int, shortcut: Shortcut, blocks: int) -> Row:
    width, size = STAGES[stage]
    width_in = STAGES[max(stage - 1, 0)][0]
    parameters = _conv(3, width_in, width) + (2 * blocks - 1) * _conv(3, width, width)
    per_position = 9 * width_in * width + (2 * blocks - 1) * 9 * width * width
    for source in _projected(stage, shortcut, blocks):
        parameters += _conv(1, source, width)
        per_position += source * width
    return Row(
        name=f"layer{stage + 1}",
        output_size=f"{size}×{size}",
        blocks=f"[3×3, {width}; 3×3, {width}] × {blocks}",
        weighted_layers=2 * blocks,
        parameters=parameters,
        multiply_adds=per_position * size * size,
    )


def _conv(kernel: int, width_in: int, width: int) -> int:
    # No bias; the γ and β of the BN that follows every convolution, projections included.
    return kernel * kernel * width_in * width + 2 * width


def _projected(stage: int, shortcut: Shortcut, blocks: int) -> list[int]:
    """The widths that enter the stage's 1×1 projections: B where dimensions grow, C everywhere (sec. 4.1)."""
    width, width_in = STAGES[stage][0], STAGES[max(stage - 1, 0)][0]
    match shortcut:
        case "none" | "A":
            return []
        case "B":
            return [width_in] if width_in != width else []
        case "C":
            return [width_in] + [width] * (blocks - 1)


def _projections(shortcut: Shortcut, blocks: int) -> int:
    return sum(len(_projected(stage, shortcut, blocks)) for stage in range(3))


def _batch_norm_parameters(shortcut: Shortcut, blocks: int) -> int:
    per_stage = (2 * width * (2 * blocks + len(_projected(i, shortcut, blocks))) for i, (width, _) in enumerate(STAGES))
    return 2 * 16 + sum(per_stage)


def _memory(spec: RunSpec, blocks: int, parameters: int) -> Memory:
    """Weights, gradients and momentum are float32. What backward needs of one image: the input, and for every
    3×3 layer its output before BN and after ReLU (2 maps), for every projection its output before BN (1 map);
    under bf16 autocast these maps are half as wide.
    """
    elements = INPUT_ELEMENTS + 2 * 16 * 32 * 32
    for stage, (width, size) in enumerate(STAGES):
        elements += width * size * size * (2 * 2 * blocks + len(_projected(stage, spec.shortcut, blocks)))
    element_bytes = 2 if spec.precision == "bf16" else FLOAT32_BYTES
    return Memory(
        weights_bytes=FLOAT32_BYTES * parameters,
        gradients_bytes=FLOAT32_BYTES * parameters,
        momentum_bytes=FLOAT32_BYTES * parameters,
        activations_bytes=spec.batch_size * elements * element_bytes,
    )
