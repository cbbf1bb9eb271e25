"""The names of series, axes and groupings, and how each kind of series is stored. Doesn't import numpy.

Errors, `foreground` and average precisions are percent; `waiting` and `gpu` are fractions of the time, 0 to 1; `cpu`
counts busy cores. A series that a run's task doesn't have is without points there.
"""

import re
from collections.abc import Collection
from typing import Final, Literal, NewType, get_args

from trainer.tasks import Task

# Every iteration. A detector's loss is the sum of four, and `foreground` the share of its regions that are objects.
ClassifierStepSeries = Literal["train_error"]
DetectorStepSeries = Literal["rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss", "foreground"]
StepSeries = Literal["train_loss", ClassifierStepSeries, "lr", DetectorStepSeries]
# At every evaluation.
ClassifierEvaluationSeries = Literal[
    "val_error", "val_loss", "val_top5_error", "test_error", "test_loss", "test_top5_error"
]  # fmt: skip
# `map` is in the form of the run's specification, `map_50` at IoU 0.5, `map_50_95` COCO's.
DetectorEvaluationSeries = Literal[
    "val_map", "val_map_50", "val_map_50_95", "test_map", "test_map_50", "test_map_50_95"
]  # fmt: skip
EvaluationSeries = Literal[ClassifierEvaluationSeries, DetectorEvaluationSeries]
# A class's average precision at every evaluation: test_ap:CLASS. The data set says which classes there are.
ClassSeries = NewType("ClassSeries", str)
# About once a second. What a machine doesn't have or report has no points.
SampleSeries = Literal[
    "images_per_s", "waiting", "cpu", "ram_bytes", "gpu", "gpu_memory_bytes", "gpu_power_w", "gpu_temperature_c"
]  # fmt: skip
NamedSeries = StepSeries | EvaluationSeries | SampleSeries
Series = NamedSeries | ClassSeries

STEP_SERIES: Final[tuple[StepSeries, ...]] = get_args(StepSeries)
EVALUATION_SERIES: Final[tuple[EvaluationSeries, ...]] = get_args(EvaluationSeries)
SAMPLE_SERIES: Final[tuple[SampleSeries, ...]] = get_args(SampleSeries)
SERIES: Final[tuple[NamedSeries, ...]] = (*STEP_SERIES, *EVALUATION_SERIES, *SAMPLE_SERIES)
_OF_ONE_TASK: Final[dict[Task, frozenset[str]]] = {
    "classification": frozenset((*get_args(ClassifierStepSeries), *get_args(ClassifierEvaluationSeries))),
    "detection": frozenset((*get_args(DetectorStepSeries), *get_args(DetectorEvaluationSeries))),
}
_CLASS_SERIES: Final = re.compile(r"(val|test)_ap:(.{1,200})")

# The noise of mini-batches may be smoothed; schedules and evaluations are shown as they are.
SMOOTHED: Final[frozenset[Series]] = frozenset(name for name in STEP_SERIES if name != "lr")
# The names of a step chunk's columns.
COLUMNS: Final[dict[StepSeries, str]] = {
    "train_loss": "loss",
    "train_error": "error",
    "lr": "lr",
    "rpn_class_loss": "rpn_class_loss",
    "rpn_box_loss": "rpn_box_loss",
    "class_loss": "class_loss",
    "box_loss": "box_loss",
    "foreground": "foreground",
}

# wall_time: seconds since 1970. relative_time: since the first attempt began, pauses included. device_seconds: of all
# attempts so far, lost work included, times the number of devices.
Axis = Literal["iteration", "epoch", "images", "wall_time", "relative_time", "device_seconds"]
# The fields by which runs can be grouped. `spec` groups runs that differ only in their seed.
GroupField = Literal["spec", "depth", "shortcut", "dataset", "project", "name"]
GROUP_FIELDS: Final[tuple[GroupField, ...]] = get_args(GroupField)


def class_series(text: str) -> ClassSeries | None:
    """The series of a class's average precision with this name; None if it has another form."""
    return ClassSeries(text) if _CLASS_SERIES.fullmatch(text) else None


def class_of(series: ClassSeries) -> tuple[str, str]:
    """The split and the class of a class's average precision."""
    split, _, name = series.partition("_ap:")
    return split, name


def of_tasks(tasks: Collection[Task]) -> tuple[NamedSeries, ...]:
    """The series that runs of these tasks have, in the order of `SERIES`."""
    foreign = frozenset().union(*(names for task, names in _OF_ONE_TASK.items() if task not in tasks))
    return tuple(name for name in SERIES if name not in foreign)
