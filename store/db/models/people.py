"""People, projects, and who has which role in which project."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base, one_of

ROLES = ["viewer", "member", "maintainer"]


class Person(Base):
    """A person, or a service account, which is a program's. `name` is what runs call their owner, so it never changes.

    `subject` is the identity provider's own name of the person: its issuer, a space, and the `sub` claim.
    """

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    is_service: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    # A disabled person's keys and sessions open nothing.
    disabled_at: Mapped[datetime | None]


class Project(Base):
    """What runs, studies and data sets belong to, and what decides who sees them."""

    __tablename__ = "projects"

    name: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    is_public: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (one_of("role", ROLES),)

    person: Mapped[str] = mapped_column(ForeignKey("people.name", ondelete="CASCADE"), primary_key=True)
    project: Mapped[str] = mapped_column(ForeignKey("projects.name", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]
