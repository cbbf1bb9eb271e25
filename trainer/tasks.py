"""Owns the choice of the task: a specification without `task` classifies. Loads no torch."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Discriminator, Tag

from trainer.detection.plan import DetectionPlan
from trainer.detection.plan import plan as detection_plan
from trainer.detection.spec import DetectionSpec
from trainer.plan import NetworkPlan
from trainer.plan import plan as classification_plan
from trainer.spec import RunSpec

Task = Literal["classification", "detection"]
TASKS: Final[tuple[Task, ...]] = get_args(Task)
Spec = RunSpec | DetectionSpec
Plan = NetworkPlan | DetectionPlan


def _tag(value: object) -> object:
    """Another task than detection is RunSpec's to refuse."""
    if isinstance(value, Mapping):
        return "detection" if value.get("task") == "detection" else "classification"
    return "detection" if isinstance(value, DetectionSpec) else "classification"


# The union as a field of a request: the errors are those of the task's own specification.
AnySpec = Annotated[
    Annotated[RunSpec, Tag("classification")] | Annotated[DetectionSpec, Tag("detection")], Discriminator(_tag)
]


def parse(content: bytes) -> Spec:
    """The specification in a JSON text. Raises pydantic.ValidationError."""
    return (
        DetectionSpec.model_validate_json(content)
        if _task(content) == "detection"
        else RunSpec.model_validate_json(content)
    )


def of(fields: Mapping[str, Any]) -> Spec:
    """The specification with these fields, as a run's row holds them. Raises pydantic.ValidationError."""
    return DetectionSpec.model_validate(fields) if _tag(fields) == "detection" else RunSpec.model_validate(fields)


def task_of(fields: Mapping[str, Any]) -> Task:
    """The task of a stored specification."""
    return "detection" if _tag(fields) == "detection" else "classification"


def plan(spec: Spec, classes: int | None = None) -> Plan:
    """The plan of a specification. Raises ValueError if `classes` is None for a data set of your own."""
    if not isinstance(spec, DetectionSpec):
        return classification_plan(spec, classes)
    if classes is None:
        raise ValueError(f"{spec.dataset} is not a built-in data set. State its number of classes.")
    return detection_plan(spec, classes)


def _task(content: bytes) -> object:
    try:
        fields = json.loads(content)
    except ValueError:
        return None  # the specification's own parser says what is wrong
    return fields.get("task") if isinstance(fields, dict) else None
