"""What the service tells people: channels, notices, and the outbox of what is still to be sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base, one_of

CHANNEL_KINDS = ["webhook", "slack", "matrix", "mail"]


class Channel(Base):
    """Where notices go: an address, and which of them it gets."""

    __tablename__ = "channels"
    __table_args__ = (one_of("kind", CHANNEL_KINDS),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str]
    # Signs a webhook's messages, or is Matrix's access token. The receiver has the same one.
    secret: Mapped[str | None]
    about: Mapped[list[str]]  # kinds of notices
    project: Mapped[str | None]  # None: every project, and what belongs to none
    owner: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    paused_at: Mapped[datetime | None]


class Notice(Base):
    """Something that happened, once: its `key` says what, so that nobody is told of it twice."""

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    project: Mapped[str | None]
    path: Mapped[str]  # of its page
    title: Mapped[str]
    sentence: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Delivery(Base):
    """A notice on its way to one channel. It ends with `delivered_at` or `gave_up_at`."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel_id"),
        Index("ix_deliveries_due", "next_at", postgresql_where=text("delivered_at IS NULL AND gave_up_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(server_default=NOW)
    delivered_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    error: Mapped[str | None]  # of the last try

    notice: Mapped[Notice] = relationship(lazy="joined", innerjoin=True)
    channel: Mapped[Channel] = relationship(lazy="joined", innerjoin=True)


class NoticePosition(Base):
    """Up to where run events have become notices: one row."""

    __tablename__ = "notice_position"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[str]
