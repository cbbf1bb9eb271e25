"""The names of series, axes and groupings, and how each kind of series is stored. Doesn't import numpy.

Errors are percent; `waiting` and `gpu` are fractions of the time, 0 to 1; `cpu` counts busy cores.
"""

from typing import Final, Literal, get_args

# Every iteration.
StepSeries = Literal["train_loss", "train_error", "lr"]
# At every evaluation.
EvaluationSeries = Literal[
    "val_error", "val_loss", "val_top5_error", "test_error", "test_loss", "test_top5_error"
]  # fmt: skip
# About once a second. What a machine doesn't have or report has no points.
SampleSeries = Literal[
    "images_per_s", "waiting", "cpu", "ram_bytes", "gpu", "gpu_memory_bytes", "gpu_power_w", "gpu_temperature_c"
]  # fmt: skip
Series = StepSeries | EvaluationSeries | SampleSeries

STEP_SERIES: Final[tuple[StepSeries, ...]] = get_args(StepSeries)
EVALUATION_SERIES: Final[tuple[EvaluationSeries, ...]] = get_args(EvaluationSeries)
SAMPLE_SERIES: Final[tuple[SampleSeries, ...]] = get_args(SampleSeries)
SERIES: Final[tuple[Series, ...]] = (*STEP_SERIES, *EVALUATION_SERIES, *SAMPLE_SERIES)

# The noise of mini-batches may be smoothed; schedules and evaluations are shown as they are.
SMOOTHED: Final[frozenset[Series]] = frozenset({"train_loss", "train_error"})
# The names of a step chunk's columns.
COLUMNS: Final[dict[StepSeries, str]] = {"train_loss": "loss", "train_error": "error", "lr": "lr"}

# wall_time: seconds since 1970. relative_time: since the first attempt began, pauses included. device_seconds: of all
# attempts so far, lost work included, times the number of devices.
Axis = Literal["iteration", "epoch", "images", "wall_time", "relative_time", "device_seconds"]
# The fields by which runs can be grouped. `spec` groups runs that differ only in their seed.
GroupField = Literal["spec", "depth", "shortcut", "dataset", "project", "name"]
GROUP_FIELDS: Final[tuple[GroupField, ...]] = get_args(GroupField)
