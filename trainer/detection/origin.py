"""Which classifiers a detector can start from, and their tensors. Loads no torch."""

from itertools import count
from typing import Final

from trainer.detection.plan import VGG_FEATURES, VGG_STAGES
from trainer.detection.spec import DetectionNetwork, DetectionSpec
from trainer.spec import RunSpec
from trainer.state import Shape, tensor_shapes

# Of VGG-16's last map, which its first fully connected layer sees whole.
VGG_POOLED: Final = 7
# The last layer of a classifier, by which its classes are counted.
LAST_LAYERS: Final = ("fc.bias", "classifier.6.bias")


def refusal(spec: DetectionSpec, trained: RunSpec) -> str | None:
    """Why the detector can't start from this classifier; None if it can.

    Keys and shapes are not enough: a v1 and a v1.5 network load into each other silently.
    """
    expected: dict[str, object] = {"family": "imagenet", "depth": spec.depth, "shortcut": "B"}
    if spec.depth >= 50:
        expected["stride_in_1x1"] = spec.stride_in_1x1
    theirs = trained.model_dump()
    differences = [f"{name} {theirs[name]}, not {value}" for name, value in expected.items() if theirs[name] != value]
    if spec.network != "vgg16" and not differences:
        return None
    reason = "; ".join(differences) or "VGG-16 isn't trained by this service"
    return f"{spec.name} can't start from {trained.name}: {reason}."


def network_of(trained: RunSpec) -> str | None:
    """The network of detectors that can start from this classifier; None if there is none."""
    return f"resnet{trained.depth}" if (trained.family, trained.shortcut) == ("imagenet", "B") else None


def has_bottlenecks(network: DetectionNetwork) -> bool:
    return network in ("resnet50", "resnet101", "resnet152")


def classifier_shapes(network: DetectionNetwork, classes: int) -> dict[str, Shape]:
    """The shape of every tensor of torchvision's classifier, by its name there."""
    if network == "vgg16":
        return _vgg_shapes(classes)
    depth = int(network.removeprefix("resnet"))
    return tensor_shapes(RunSpec(dataset="imagenet", depth=depth, shortcut="B", stride_in_1x1=False), classes)


def _vgg_shapes(classes: int) -> dict[str, Shape]:
    """In `features`, a ReLU follows each layer, and a pooling each stage."""
    shapes: dict[str, Shape] = {}
    width_in, position = 3, count()
    for filters, _ in VGG_STAGES:
        for width in filters:
            shapes |= _layer(f"features.{next(position)}", (width, width_in, 3, 3))
            next(position)
            width_in = width
        next(position)
    first = _layer("classifier.0", (VGG_FEATURES, width_in * VGG_POOLED**2))
    second = _layer("classifier.3", (VGG_FEATURES, VGG_FEATURES))
    return shapes | first | second | _layer("classifier.6", (classes, VGG_FEATURES))


def _layer(name: str, weight: Shape) -> dict[str, Shape]:
    return {f"{name}.weight": weight, f"{name}.bias": weight[:1]}
