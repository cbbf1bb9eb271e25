"""Studies and their members."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base


class Study(Base):
    """An experiment of the paper as one object. Its runs are those of its members; what it asks for stays as it was.

    `budget` is the most seeds of a network that may be added (None: none by plan); `looks` counts how often seeds were
    added after a look at the results, as the level of its verdicts is shared among the looks. `settled_at` is when a
    look had nothing to add.
    """

    __tablename__ = "studies"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner: Mapped[str]
    recipe: Mapped[str]
    seeds: Mapped[int]
    scale: Mapped[float]
    dataset: Mapped[str]
    budget: Mapped[int | None]
    looks: Mapped[int] = mapped_column(SmallInteger, default=0)
    settled_at: Mapped[datetime | None]
    # When the examinations of its members were asked for, of a recipe that examines them once they have trained.
    examined_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StudyMember(Base):
    """One run of a study. Where the run was deleted the member stays: what was left out must be seen."""

    __tablename__ = "study_members"
    __table_args__ = (Index("ix_study_members_run_id", "run_id"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int]  # of its network in the recipe
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    # Keys of the paper's values and statements that it tests (`paper.published`).
    tests: Mapped[list[str]]
    # The run had succeeded before the study was made.
    reused: Mapped[bool]
