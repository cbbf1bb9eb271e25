"""A run's log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base, of_an_attempt


class Log(Base):
    """A run's log. Lines count from 1 over all attempts, deleted lines included."""

    __tablename__ = "logs"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    lines: Mapped[int]
    # The last line's level, as a letter (`store.logs`).
    level: Mapped[str]
    first_error: Mapped[int | None]
    kept_bytes: Mapped[int] = mapped_column(BigInteger)
    # Up to this line nothing is ever deleted; after it, the oldest lines go first.
    head_lines: Mapped[int]
    left_out_lines: Mapped[int]
    left_out_bytes: Mapped[int] = mapped_column(BigInteger)


class LogChunk(Base):
    """Whole lines of an attempt's log, numbered by its supervisor. `levels` has a letter for each line."""

    __tablename__ = "log_chunks"
    __table_args__ = (of_an_attempt(), Index("ix_log_chunks_run_id_first_line", "run_id", "first_line"))

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    first_line: Mapped[int]
    text: Mapped[str]
    levels: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
