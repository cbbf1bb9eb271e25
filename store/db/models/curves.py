"""Curves: chunks of iterations, evaluations, and samples of the machine."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base, Readings, of_an_attempt, one_of


class StepChunk(Base):
    """Columns of consecutive iterations: little-endian float32, `count` points at first, first + every, …

    NaN where an import has no value; a run of this service has none.
    """

    __tablename__ = "step_chunks"
    __table_args__ = (
        of_an_attempt(),
        CheckConstraint(
            "count > 0 AND octet_length(loss) = 4 * count AND octet_length(error) = 4 * count"
            " AND octet_length(lr) = 4 * count",
            name="columns_are_full",
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
    every: Mapped[int]
    attempt: Mapped[int]
    loss: Mapped[bytes]
    error: Mapped[bytes]
    lr: Mapped[bytes]
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
    """One pass over a split at one iteration. An import may lack the loss, and the number of images."""

    __tablename__ = "evaluations"
    __table_args__ = (of_an_attempt(), one_of("split", ["val", "test"]))

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    split: Mapped[str] = mapped_column(primary_key=True)
    iteration: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    error: Mapped[float]
    top5_error: Mapped[float | None]
    loss: Mapped[float | None]
    images: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
