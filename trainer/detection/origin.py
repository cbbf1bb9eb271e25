"""Which classifiers a detector can start from. Loads no torch."""

from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec


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
