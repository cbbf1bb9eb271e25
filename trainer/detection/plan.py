"""Owns what is known of a detector before it is built: parameters, multiply-adds, memory. Loads no torch.

Maps are counted for one image of `side` × `longest` pixels, the largest that the specification allows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trainer.architecture import ConvLayout, architecture
from trainer.detection.spec import STRIDE, DetectionSpec
from trainer.plan import FLOAT32_BYTES, Memory
from trainer.spec import RunSpec

# VGG-16 (arXiv 1409.1556, configuration D): filters of the 3×3 layers of conv1 to conv5, and by how much their map is
# smaller than the image.
VGG_STAGES = (((64, 64), 1), ((128, 128), 2), ((256,) * 3, 4), ((512,) * 3, 8), ((512,) * 3, 16))
VGG_FEATURES = 4096
CLASSIFIER_INPUT = 224  # Table 1's sizes are those of this image
ROI_INPUT = 14  # and conv5_1's input has this side there


class DetectorPart(BaseModel):
    """`multiply_adds` are for one image in tests, with every proposal classified."""

    model_config = ConfigDict(frozen=True)

    name: str
    parameters: int
    multiply_adds: int


class DetectionPlan(BaseModel):
    """A detection specification's network, known exactly without any data on disk."""

    model_config = ConfigDict(frozen=True)

    name: str
    task: Literal["detection"] = "detection"
    classes: int = Field(description="Without the background.")
    image: tuple[int, int] = Field(description="Height and width that multiply-adds and memory are counted for.")
    weighted_layers: int = Field(description="Of the classifier that the detector is built on.")
    parameters: int = Field(description="Of all layers, trained or not; constants of frozen batch norms not included.")
    trained_parameters: int
    frozen_batch_norm_values: int = Field(description="γ, β, mean and variance of frozen batch norms.")
    multiply_adds: int
    parts: tuple[DetectorPart, ...]
    memory: Memory
    memory_bytes: int


@dataclass(frozen=True)
class _Layer:
    """`cells` are its output's positions, for one image or one region; `extra` its biases, or γ and β of its BN."""

    weights: int
    extra: int
    width: int
    cells: int

    @property
    def parameters(self) -> int:
        return self.weights + self.extra

    @property
    def multiply_adds(self) -> int:
        return self.weights * self.cells


@dataclass(frozen=True)
class _Network:
    """A classifier cut in two. `maps` is how many maps of each layer backward needs."""

    stages: tuple[tuple[_Layer, ...], ...]
    width: int
    head: tuple[_Layer, ...]
    features: int
    frozen_values: int
    maps: int


def plan(spec: DetectionSpec, classes: int) -> DetectionPlan:
    """The plan of a detection specification for `classes` classes, not counting the background."""
    height, width = (-(-side // STRIDE) * STRIDE for side in (spec.side, spec.longest))
    network = _vgg(spec, height * width) if spec.network == "vgg16" else _resnet(spec, height * width)
    rpn, predictor = _rpn(spec, network.width, height * width), _predictor(spec, network, classes)
    parts = (
        _part("trunk", [layer for stage in network.stages for layer in stage], 1),
        _part("rpn", rpn, 1),
        _part("head", network.head, spec.rpn.test_after_nms + spec.context),
        _part("predictor", predictor, spec.rpn.test_after_nms),
    )
    parameters = sum(part.parameters for part in parts)
    # In four steps the proposals' trunk and layers are held twice, and one of the two has gradients at a time.
    twice = sum(part.parameters for part in parts[:2]) if spec.training == "four_step" else 0
    untrained = sum(layer.parameters for stage in network.stages[: spec.freeze_up_to] for layer in stage)
    memory = Memory(
        weights_bytes=FLOAT32_BYTES * (parameters + twice + network.frozen_values),
        gradients_bytes=FLOAT32_BYTES * (parameters - untrained),
        momentum_bytes=FLOAT32_BYTES * (parameters + twice - untrained),
        activations_bytes=_activations_bytes(spec, network, rpn, height * width),
    )
    return DetectionPlan(
        name=spec.name,
        classes=classes,
        weighted_layers=spec.depth,
        image=(height, width),
        parameters=parameters,
        trained_parameters=parameters - untrained,
        frozen_batch_norm_values=network.frozen_values,
        multiply_adds=sum(part.multiply_adds for part in parts),
        parts=parts,
        memory=memory,
        memory_bytes=sum(memory.model_dump().values()),
    )


def advice(spec: DetectionSpec, classes: int, device_bytes: int) -> str:
    """Advice for a run that ran out of memory on a device with `device_bytes`."""
    needed = plan(spec, classes)
    share = spec.batch_size // spec.devices
    images = "1 image" if share == 1 else f"{share} images"
    return (
        f"a mini-batch of {images} of {needed.image[0]}×{needed.image[1]} needs about {_mib(needed.memory_bytes)}, "
        f"including {_mib(needed.memory.activations_bytes)} for activations, but the device has {_mib(device_bytes)}. "
        "Use a smaller batch_size, side or roi.batch."
    )


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.0f} MiB"


def _resnet(spec: DetectionSpec, pixels: int) -> _Network:
    """conv1 to conv4_x on the image, conv5_x on regions (App. A)."""
    table = architecture(RunSpec(dataset="imagenet", depth=spec.depth, shortcut="B", stride_in_1x1=spec.stride_in_1x1))
    trunk = [[table.stem], *([c for block in stage.blocks for c in block.convolutions] for stage in table.stages[:3])]
    conv5 = [conv for block in table.stages[3].blocks for conv in block.convolutions]
    is_frozen = spec.batch_norm == "frozen"
    channels = sum(conv.width for conv in (*(conv for stage in trunk for conv in stage), *conv5))

    def layer(conv: ConvLayout, cells: int) -> _Layer:
        weights = conv.kernel**2 * conv.width_in * conv.width
        return _Layer(weights, 0 if is_frozen else 2 * conv.width, conv.width, cells)

    return _Network(
        stages=tuple(tuple(layer(c, pixels * c.size**2 // CLASSIFIER_INPUT**2) for c in stage) for stage in trunk),
        width=table.stages[2].blocks[-1].layers[-1].width,
        head=tuple(layer(conv, (-(-spec.roi.size * conv.size // ROI_INPUT)) ** 2) for conv in conv5),
        features=table.features,
        frozen_values=4 * channels if is_frozen else 0,
        # Before BN and after ReLU; a frozen BN is a multiplication by constants, which keeps nothing.
        maps=1 if is_frozen else 2,
    )


def _vgg(spec: DetectionSpec, pixels: int) -> _Network:
    stages, width_in = [], 3
    for filters, scale in VGG_STAGES:
        stage = []
        for width in filters:
            stage.append(_Layer(9 * width_in * width, width, width, pixels // scale**2))
            width_in = width
        stages.append(tuple(stage))
    head = tuple(_dense(inputs, VGG_FEATURES) for inputs in (width_in * spec.roi.size**2, VGG_FEATURES))
    return _Network(tuple(stages), width_in, head, VGG_FEATURES, 0, 1)


def _rpn(spec: DetectionSpec, width_in: int, pixels: int) -> tuple[_Layer, ...]:
    channels, anchors, cells = spec.rpn.channels, spec.anchors.per_position, pixels // STRIDE**2
    return (
        _Layer(9 * width_in * channels, channels, channels, cells),
        _Layer(channels * anchors, anchors, anchors, cells),
        _Layer(channels * 4 * anchors, 4 * anchors, 4 * anchors, cells),
    )


def _predictor(spec: DetectionSpec, network: _Network, classes: int) -> tuple[_Layer, ...]:
    """Scores and boxes of every class, the background included, from a region's features and those of its context."""
    features = 2 * network.features if spec.context else network.features
    return _dense(features, classes + 1), _dense(features, 4 * (classes + 1))


def _dense(inputs: int, outputs: int) -> _Layer:
    return _Layer(inputs * outputs, outputs, outputs, 1)


def _part(name: str, layers: Iterable[_Layer], times: int) -> DetectorPart:
    listed = list(layers)
    return DetectorPart(
        name=name,
        parameters=sum(layer.parameters for layer in listed),
        multiply_adds=times * sum(layer.multiply_adds for layer in listed),
    )


def _activations_bytes(spec: DetectionSpec, network: _Network, rpn: tuple[_Layer, ...], pixels: int) -> int:
    """What backward needs of a device's share of a mini-batch: the image, trained layers' maps, regions and theirs.

    Under bf16 the maps are half as wide.
    """
    trained = [layer for stage in network.stages[spec.freeze_up_to :] for layer in stage]
    region = network.width * spec.roi.size**2 + network.maps * sum(layer.width * layer.cells for layer in network.head)
    shared = 3 * pixels + network.maps * sum(layer.width * layer.cells for layer in trained)
    proposing = sum(layer.width * layer.cells for layer in rpn)
    element_bytes = 2 if spec.precision == "bf16" else FLOAT32_BYTES
    return (
        spec.batch_size
        // spec.devices
        * element_bytes
        * (shared + proposing + (spec.roi.batch + spec.context) * region)
    )
