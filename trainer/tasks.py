"""Owns the choice of the task: a specification without `task` classifies. Loads no torch."""

import json

from trainer.detection.spec import DetectionSpec
from trainer.spec import RunSpec

Spec = RunSpec | DetectionSpec


def parse(content: bytes) -> Spec:
    """The specification in a JSON text. Raises pydantic.ValidationError."""
    return (
        DetectionSpec.model_validate_json(content)
        if _task(content) == "detection"
        else RunSpec.model_validate_json(content)
    )


def _task(content: bytes) -> object:
    try:
        fields = json.loads(content)
    except ValueError:
        return None  # the specification's own parser says what is wrong
    return fields.get("task") if isinstance(fields, dict) else None
