"""Who did what to what. A trigger refuses every change to what was written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from store.db.models.base import NOW, Base


class AuditEntry(Base):
    """A request that changed something, or was refused. Names are texts and not references: rows may go, entries stay.

    `status` is the response's: below 300 it was done.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_person", "person", "id"), Index("ix_audit_subject", "subject", "id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    person: Mapped[str | None]
    key_id: Mapped[UUID | None]
    action: Mapped[str]
    subject: Mapped[str]
    project: Mapped[str | None]
    address: Mapped[str]
    status: Mapped[int] = mapped_column(SmallInteger)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
