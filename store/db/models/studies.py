"""Studies, their members and their registrations."""

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
    """An experiment of the paper as one object. Its runs are its members' runs; its request never changes.

    `budget` is the highest number of seeds per network that may be added (None: no seeds are added automatically).
    `looks` counts interim analyses that added seeds, because the level of the verdicts is shared among the analyses.
    `settled_at` is when an analysis had nothing to add.
    """

    __tablename__ = "studies"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    recipe: Mapped[str]
    seeds: Mapped[int]
    scale: Mapped[float]
    dataset: Mapped[str]
    budget: Mapped[int | None]
    looks: Mapped[int] = mapped_column(SmallInteger, default=0)
    settled_at: Mapped[datetime | None]
    # When the examinations of its members were queued, for a recipe that examines trained members.
    examined_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class StudyMember(Base):
    """A run of a study. The member stays if its run is deleted, because a study must show what is missing."""

    __tablename__ = "study_members"
    __table_args__ = (Index("ix_study_members_run_id", "run_id"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int]  # of its network in the recipe
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    # The keys of the paper's values and statements that the run tests (`paper.published`).
    tests: Mapped[list[str]]
    # The run had already succeeded when the study was created.
    reused: Mapped[bool]


class StudyRegistration(Base):
    """What a study was registered with, before its first run existed. A trigger refuses every change.

    There is no foreign key: the registration is written before the study, and stays when the study is deleted.
    """

    __tablename__ = "study_registrations"

    study_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[str]  # the exact text that was signed (`studies.registration`)
    signature: Mapped[bytes]
