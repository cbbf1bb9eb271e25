"""The words of curves: series, axes, groups, and what is kept of each kind of series. Loads no numpy.

Errors are percent; `waiting`, `gpu` are shares of the time, 0 to 1; `cpu` counts busy cores.
"""

from typing import Final, Literal, get_args

# Every iteration.
StepSeries = Literal["train_loss", "train_error", "lr"]
# Where the network was evaluated.
EvaluationSeries = Literal[
    "val_error", "val_loss", "val_top5_error", "test_error", "test_loss", "test_top5_error"
]  # fmt: skip
# About once a second. What a machine has not, or does not tell, has no points.
SampleSeries = Literal[
    "images_per_s", "waiting", "cpu", "ram_bytes", "gpu", "gpu_memory_bytes", "gpu_power_w", "gpu_temperature_c"
]  # fmt: skip
Series = StepSeries | EvaluationSeries | SampleSeries

STEP_SERIES: Final[tuple[StepSeries, ...]] = get_args(StepSeries)
EVALUATION_SERIES: Final[tuple[EvaluationSeries, ...]] = get_args(EvaluationSeries)
SAMPLE_SERIES: Final[tuple[SampleSeries, ...]] = get_args(SampleSeries)
SERIES: Final[tuple[Series, ...]] = (*STEP_SERIES, *EVALUATION_SERIES, *SAMPLE_SERIES)

# The noise of a mini-batch may be smoothed. A schedule and an evaluation are shown as they are.
SMOOTHED: Final[frozenset[Series]] = frozenset({"train_loss", "train_error"})
# What the columns of a step chunk are called.
COLUMNS: Final[dict[StepSeries, str]] = {"train_loss": "loss", "train_error": "error", "lr": "lr"}

# wall_time: seconds since 1970. relative_time: since the first attempt began, pauses included. device_seconds: of all
# attempts so far, also what of them was lost, times the devices.
Axis = Literal["iteration", "epoch", "images", "wall_time", "relative_time", "device_seconds"]
# What runs can be grouped by. `spec` holds together what differs in its seed only.
GroupField = Literal["spec", "depth", "shortcut", "dataset", "project", "name"]
GROUP_FIELDS: Final[tuple[GroupField, ...]] = get_args(GroupField)
