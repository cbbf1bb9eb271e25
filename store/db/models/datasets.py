"""Data sets of the users' own, and sample images of the built-in ones."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base


class Dataset(Base):
    """A user's own data set: an archive in the object store, or a folder on the workers' machines."""

    __tablename__ = "datasets"
    __table_args__ = (CheckConstraint("(key IS NULL) != (path IS NULL)", name="archive_or_folder"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str]
    owner: Mapped[str]
    about: Mapped[str]
    manifest_hash: Mapped[str]
    classes: Mapped[list[str]]
    train_images: Mapped[int]
    test_images: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str | None]
    sha256: Mapped[str | None]
    path: Mapped[str | None]
    # For a data set with boxes: its counts and sizes (trainer/data/annotated/summary.py) and its samples.
    annotation: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # Scaled down, so some hundred kilobytes: read only where they are shown (api/datasets/samples.py).
    samples: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class SampleSheet(Base):
    """What the first run on a built-in data set showed of it: its classes and a PNG of training images."""

    __tablename__ = "sample_sheets"

    dataset: Mapped[str] = mapped_column(primary_key=True)
    classes: Mapped[list[str]]
    # Some hundred kilobytes, and one row a data set: an object would need more care than this.
    png: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
