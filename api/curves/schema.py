"""The queries and responses about curves."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.http.schema import Request, Response
from store.curves.series import GROUP_FIELDS, SERIES, Axis
from trainer.spec import MOST_ITERATIONS

MOST_RUNS = 100
# Over all runs and series; a column of this length is 4 MB.
MOST_POINTS = 1_000_000

Iteration = Annotated[int, Field(ge=1, le=MOST_ITERATIONS)]
Format = Literal["json", "binary"]


class WindowQuery(Request):
    """Runs, and a window of their iterations."""

    run: list[UUID] = Field(min_length=1, max_length=MOST_RUNS, description="Repeat it for several runs.")
    first: Iteration = Field(default=1, alias="from")
    last: Iteration | None = Field(default=None, alias="to", description="Default: the longest run's last iteration.")
    smoothing: float = Field(
        default=0,
        ge=0,
        lt=1,
        allow_inf_nan=False,
        description="The weight of the past in a debiased moving average of the losses, train_error and foreground, "
        "computed over the whole series before bucketing. Other series are never smoothed.",
    )


class CurveQuery(WindowQuery):
    series: str = Field(
        default="train_error,val_error,test_error",
        max_length=2000,
        description=f"A comma-separated list of: {', '.join(SERIES)}; and, of a detector, val_ap:CLASS and "
        "test_ap:CLASS, a class's average precision.",
        examples=["train_error,test_error"],
    )
    points: int = Field(default=1200, ge=1, le=100_000, description="The maximum number of buckets in a series.")
    x: Axis = Field(
        default="iteration",
        description="The column `x`: iterations, epochs, training images, seconds since 1970, seconds since the start "
        "of the first attempt, or seconds summed over all devices and attempts. Times are recorded about once a second "
        "and interpolated. The window and the buckets always count iterations.",
    )
    group_by: str | None = Field(
        default=None,
        max_length=100,
        description="Returns `groups` instead of `runs`: one group for the runs that are equal in these fields, a "
        f"comma-separated list of: {', '.join(GROUP_FIELDS)}. `spec` means the whole spec except the seed.",
        examples=["depth,shortcut"],
    )
    format: Format = Field(
        default="json",
        description="`binary`: the length of the JSON (4 bytes), the JSON, then the columns in byte planes. A column "
        "in the JSON is [type, offset, count]: type f4, f8 or i4 (little-endian), offset from the end of the JSON.",
    )

    range: bool = Field(
        default=True, description="`false` leaves the runs' `least` and `most` out, two thirds of the response: null."
    )
    digits: int | None = Field(
        default=None,
        ge=1,
        le=9,
        description="Significant digits of the runs' values in JSON: 4 are more than a screen shows, and half as long. "
        "`least` is rounded down and `most` up. Default: every value exact.",
    )


class Last(Response):
    """A series' last value, which neither the window nor the buckets change."""

    iteration: int
    value: float
    points: int = Field(
        description="`value` is the mean of the last points: of 20 for train_error, of 1 for an evaluation."
    )
    runs: int = Field(description="The runs that `value` is the mean of; 1 in a run's own curve.")


class Columns(Response):
    """Columns of equal length. `iteration` is each bucket's first, or the point's own if no bucket holds two."""

    iteration: list[int]
    x: list[float] | None = Field(description="The values of another axis at `iteration`.")
    mean: list[float]
    smoothed: list[float] | None
    points: int = Field(description="The number of raw points in the buckets.")
    last: Last | None = Field(description="null for a series that is neither train_error nor an evaluation.")


class Curve(Columns):
    """`least` and `most` are null if every bucket holds a single point."""

    least: list[float] | None
    most: list[float] | None


class Band(Columns):
    """The mean and spread over the runs that have a point in the bucket."""

    n: list[int]
    std: list[float | None] = Field(description="Sample standard deviation; null for a single run.")
    sem: list[float | None] = Field(description="Standard error of the mean.")
    least: list[float] = Field(description="The lowest value of all points of all runs.")
    most: list[float]


class AttemptStart(Response):
    number: int
    resumed_from: int = Field(description="The iteration of the checkpoint; 0 for a start from scratch.")
    started_at: datetime


class RunCurves(Response):
    run: UUID
    attempts: list[AttemptStart]
    series: dict[str, Curve]


class GroupCurves(Response):
    group: dict[str, str]
    runs: list[UUID]
    series: dict[str, Band]


class Curves(Response):
    """All runs on one grid: bucket b holds the iterations b·step+1 … (b+1)·step in every window."""

    first: int
    last: int
    step: int
    runs: list[RunCurves]
    groups: list[GroupCurves]
