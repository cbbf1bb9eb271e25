"""A run's files in the object store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base, of_an_attempt, one_of


class Artifact(Base):
    """A file in the object store. The row exists only after the object was read back and hashed."""

    __tablename__ = "artifacts"
    __table_args__ = (
        of_an_attempt(),
        one_of("role", ["checkpoint", "weights", "report", "picture", "detections"]),
        one_of("format", ["safetensors", "pt", "json", "image"]),
        UniqueConstraint("run_id", "role", "format", "iteration"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    # None for files from before the first attempt: a fork's copy of its parent's checkpoint, or a picture to classify.
    attempt: Mapped[int | None]
    iteration: Mapped[int]
    role: Mapped[str]
    format: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    # When a collection noticed that the object is missing (store/db/collection.py).
    missing_at: Mapped[datetime | None]
