"""API keys and dashboard sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base


class ApiKey(Base):
    """A bearer key: 256 random bits, of which only the SHA-256 is stored."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner: Mapped[str] = mapped_column(ForeignKey("people.name"))
    # Of a service account's key: the project whose maintainers made it and may revoke it.
    project: Mapped[str | None] = mapped_column(ForeignKey("projects.name", ondelete="CASCADE"))
    scopes: Mapped[list[str]]
    sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    # To the minute: a write for each request would cost more than the request.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class DashboardSession(Base):
    """A browser's session. One that was opened with a key ends with it."""

    __tablename__ = "sessions"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    owner: Mapped[str] = mapped_column(ForeignKey("people.name"))
    name: Mapped[str]  # the browser, as it calls itself
    # None for a session that an identity provider opened.
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    last_used_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
