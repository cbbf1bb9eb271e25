"""What is deleted of old runs, and which are archived: a rule for each project that has one."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import Base


class RetentionRule(Base):
    """Days after a run's end; None keeps its files, and keeps it in the lists."""

    __tablename__ = "retention_rules"
    __table_args__ = (
        CheckConstraint(
            "coalesce(checkpoints_days, 1) >= 1 AND coalesce(weights_days, 1) >= 1 AND coalesce(archive_days, 1) >= 1",
            name="days",
        ),
    )

    project: Mapped[str] = mapped_column(primary_key=True)
    checkpoints_days: Mapped[int | None]  # … after which all checkpoints go
    weights_days: Mapped[int | None]  # … after which only the best and the last weights stay
    archive_days: Mapped[int | None]  # … after which lists leave the run out
    owner: Mapped[str]  # who set it
