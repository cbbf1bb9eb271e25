"""Curves: chunks of iterations, evaluations, and samples of the machine."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base, Readings, of_an_attempt, one_of

SHARED = ("loss", "lr")
OF_A_DETECTOR = ("rpn_class_loss", "rpn_box_loss", "class_loss", "box_loss", "foreground")


class StepChunk(Base):
    """Columns of consecutive iterations: little-endian float32, `count` points at first, first + every, …

    A task's columns are null in a run of another task. NaN where an import has no value; a run of this service has
    none.
    """

    __tablename__ = "step_chunks"
    __table_args__ = (
        of_an_attempt(),
        CheckConstraint(
            "count > 0 AND "
            + " AND ".join(f"octet_length({name}) = 4 * count" for name in (*SHARED, "error", *OF_A_DETECTOR)),
            name="columns_are_full",  # a check that is null, as of a column that is null, passes
        ),
        CheckConstraint(
            f"num_nonnulls({', '.join(OF_A_DETECTOR)}) = CASE WHEN error IS NULL THEN {len(OF_A_DETECTOR)} ELSE 0 END",
            name="columns_of_one_task",
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    every: Mapped[int]
    attempt: Mapped[int]
    loss: Mapped[bytes]
    error: Mapped[bytes | None]
    lr: Mapped[bytes]
    rpn_class_loss: Mapped[bytes | None]
    rpn_box_loss: Mapped[bytes | None]
    class_loss: Mapped[bytes | None]
    box_loss: Mapped[bytes | None]
    foreground: Mapped[bytes | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class SampleChunk(Base):
    """Up to 32 samples of one attempt, ascending by iteration; null for what the machine doesn't have.

    Arrays instead of packed columns: samples come at most once a second, each extends its row, and SQL can query them.
    """

    __tablename__ = "sample_chunks"
    __table_args__ = (of_an_attempt(),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    attempt: Mapped[int]
    iteration: Mapped[list[int]]
    at: Mapped[list[float]]  # seconds since 1970
    images_per_s: Mapped[Readings]
    waiting: Mapped[Readings]
    cpu: Mapped[Readings]
    ram_bytes: Mapped[Readings]
    gpu: Mapped[Readings]
    gpu_memory_bytes: Mapped[Readings]
    gpu_power_w: Mapped[Readings]
    gpu_temperature_c: Mapped[Readings]


class Evaluation(Base):
    """One pass over a split at one iteration. An import may lack the loss, and the number of images.

    A classifier has an error, a detector its average precisions: `ap` by class, null for a class without objects.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        of_an_attempt(),
        one_of("split", ["val", "test"]),
        CheckConstraint("num_nonnulls(error, map) = 1", name="of_one_task"),
        CheckConstraint(
            "num_nonnulls(map, map_50, map_50_95, ap, detections) IN (0, 5)", name="average_precisions_are_whole"
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    split: Mapped[str] = mapped_column(primary_key=True)
    iteration: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    error: Mapped[float | None]
    top5_error: Mapped[float | None]
    loss: Mapped[float | None]
    images: Mapped[int | None]
    map: Mapped[float | None]
    map_50: Mapped[float | None]
    map_50_95: Mapped[float | None]
    ap: Mapped[dict[str, float | None] | None] = mapped_column(JSONB(none_as_null=True))
    detections: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
