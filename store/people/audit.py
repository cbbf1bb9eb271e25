"""The audit trail: what was done or refused, by whom, to what, from where. It is only appended to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, text
from sqlalchemy.orm import Session

from store.db.models import AuditEntry
from store.people import rights
from store.people.rights import Caller, Place


@dataclass(frozen=True)
class Search:
    """All fields that are set must match. `subject` is the start of a path: `runs/ID`."""

    person: str | None = None
    action: str | None = None
    subject: str | None = None
    project: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_refused: bool | None = None


def record(session: Session, entry: dict[str, Any]) -> None:
    """Appends an entry, by the columns' names."""
    session.execute(insert(AuditEntry).values(entry))


def record_act(session: Session, entry: dict[str, Any]) -> bool:
    """Appends an entry if this transaction has written anything, and returns whether it has. One statement: every
    request that changes something waits for it."""
    session.flush()
    return session.connection().execute(_RECORD_ACT, entry).rowcount == 1


_COLUMNS: Final = [column for column in AuditEntry.__table__.columns if column.name not in ("id", "at")]
_RECORD_ACT: Final = (
    insert(AuditEntry)
    .from_select(
        [column.name for column in _COLUMNS],
        select(*(bindparam(column.name, type_=column.type) for column in _COLUMNS)).where(
            text("pg_current_xact_id_if_assigned() IS NOT NULL")
        ),
    )
    .execution_options(preserve_rowcount=True)
)


def find(session: Session, caller: Caller, search: Search, limit: int, before: int | None) -> list[AuditEntry]:
    """Returns the newest entries, of these what the caller may see: an administrator all, others their own and those of
    the projects that they maintain."""
    conditions: list[ColumnElement[bool]] = [_seen_by(caller)] if not rights.may(caller, "administer") else []
    for column, value in (
        (AuditEntry.person, search.person), (AuditEntry.action, search.action), (AuditEntry.project, search.project),
    ):  # fmt: skip
        conditions += [column == value] if value is not None else []
    if search.subject is not None:
        conditions.append(AuditEntry.subject.startswith(search.subject, autoescape=True))
    conditions += [AuditEntry.at >= search.since] if search.since else []
    conditions += [AuditEntry.at < search.until] if search.until else []
    if search.is_refused is not None:
        conditions.append((AuditEntry.status >= 300) == search.is_refused)
    conditions += [AuditEntry.id < before] if before else []
    return list(session.scalars(select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()).limit(limit)))


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    maintained = [project for project, _ in caller.roles if rights.may(caller, "manage", Place(project))]
    return or_(AuditEntry.person == caller.owner, AuditEntry.project.in_(maintained))
