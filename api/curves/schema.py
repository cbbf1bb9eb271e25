"""What travels about curves: what is asked for, and the columns that come back."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.http.schema import Request, Response
from store.curves.series import GROUP_FIELDS, SERIES, Axis
from trainer.spec import MOST_ITERATIONS

MOST_RUNS = 100
# Of all runs and series together; a column of it is 4 MB.
MOST_POINTS = 1_000_000

Iteration = Annotated[int, Field(ge=1, le=MOST_ITERATIONS)]
Format = Literal["json", "binary"]


class WindowQuery(Request):
    """Runs, and a part of their iterations."""

    run: list[UUID] = Field(min_length=1, max_length=MOST_RUNS, description="Repeat it for several.")
    first: Iteration = Field(default=1, alias="from")
    last: Iteration | None = Field(default=None, alias="to", description="Default: the longest run's last.")
    smoothing: float = Field(
        default=0,
        ge=0,
        lt=1,
        allow_inf_nan=False,
        description="The weight of the past in a debiased moving average of train_loss and train_error, taken over "
        "the whole series before it is put into buckets. No other series is ever smoothed.",
    )


class CurveQuery(WindowQuery):
    series: str = Field(
        default="train_error,val_error,test_error",
        max_length=400,
        description=f"Names with commas between: {', '.join(SERIES)}.",
        examples=["train_error,test_error"],
    )
    points: int = Field(default=1200, ge=1, le=100_000, description="The most buckets a series may have.")
    x: Axis = Field(
        default="iteration",
        description="The column `x`: iterations, epochs, training images seen, seconds since 1970, seconds since the "
        "first attempt began, or seconds of all devices in all attempts. Times are known about once a second and "
        "interpolated between. The window and the buckets are always of iterations.",
    )
    group_by: str | None = Field(
        default=None,
        max_length=100,
        description="Answers `groups` instead of `runs`: one for all runs that are equal in these fields, with commas "
        f"between: {', '.join(GROUP_FIELDS)}. `spec` is everything but the seed.",
        examples=["depth,shortcut"],
    )
    format: Format = Field(
        default="json",
        description="`binary`: 4 bytes of length, so many of JSON, then the columns as they lie in memory; a column "
        "in the JSON is [type, offset, count], type f4, f8 or i4 (little-endian), offset from the JSON's end.",
    )


class Columns(Response):
    """Of equal length. `iteration` is each bucket's first, or the point's own where no bucket holds two."""

    iteration: list[int]
    x: list[float] | None = Field(description="Of `iteration`, where another axis was asked for.")
    mean: list[float]
    smoothed: list[float] | None
    points: int = Field(description="Raw points behind the buckets.")


class Curve(Columns):
    """`least` and `most` are null where no bucket holds two points."""

    least: list[float] | None
    most: list[float] | None


class Band(Columns):
    """Over the members that have a point in the bucket: the mean of their means, and how they spread."""

    n: list[int]
    std: list[float | None] = Field(description="Sample standard deviation; null for one member alone.")
    sem: list[float | None] = Field(description="Standard error of the mean.")
    least: list[float] = Field(description="Of all points of all members.")
    most: list[float]


class AttemptStart(Response):
    number: int
    resumed_from: int = Field(description="The iteration of the checkpoint; 0 from scratch.")
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
    """All runs on one grid: bucket b holds the iterations b·step+1 … (b+1)·step, whatever the window."""

    first: int
    last: int
    step: int
    runs: list[RunCurves]
    groups: list[GroupCurves]
