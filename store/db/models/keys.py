"""API keys and dashboard sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.db.identifiers import new_id
from store.db.models.base import NOW, Base


class ApiKey(Base):
    """A bearer key: 256 random bits, of which only the SHA-256 is stored."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner: Mapped[str]
    scopes: Mapped[list[str]]
    sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    revoked_at: Mapped[datetime | None]


class DashboardSession(Base):
    """A browser's session, opened with a key and ended with it."""

    __tablename__ = "sessions"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
