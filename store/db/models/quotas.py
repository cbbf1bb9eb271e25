"""What a person or project may use, and the device time that they used."""

from datetime import date
from typing import Literal

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import Base, one_of

HolderKind = Literal["person", "project"]


class Quota(Base):
    """The limits of a person or a project; `*` names everybody who has no limits of their own. None: no limit."""

    __tablename__ = "quotas"
    __table_args__ = (
        one_of("kind", ["person", "project"]),
        CheckConstraint("least(running, queued, device_hours, kept_bytes) >= 0", name="not_negative"),
    )

    kind: Mapped[HolderKind] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    running: Mapped[int | None]
    queued: Mapped[int | None]
    device_hours: Mapped[float | None]  # in a calendar month, UTC
    kept_bytes: Mapped[int | None] = mapped_column(BigInteger)


class Usage(Base):
    """The device time of attempts that have ended, by the month in which it was used. It outlives the runs."""

    __tablename__ = "usage"

    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    person: Mapped[str] = mapped_column(primary_key=True)
    project: Mapped[str] = mapped_column(primary_key=True)
    device_s: Mapped[float]
