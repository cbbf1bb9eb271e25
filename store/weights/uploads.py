"""Uploaded start weights: the rows, each written after its object."""

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import NotFound
from store.db.models import StartWeights
from store.weights import starts


def register(session: Session, row: StartWeights) -> tuple[StartWeights, bool]:
    """Adds start weights, and says whether they are new: the same file again is not an error."""
    columns = StartWeights.__table__.columns.keys()
    values = {name: getattr(row, name) for name in columns if name != "created_at"}
    added = session.scalar(insert(StartWeights).values(values).on_conflict_do_nothing().returning(StartWeights))
    return (added, True) if added is not None else (get(session, row.sha256), False)


def get(session: Session, sha256: str) -> StartWeights:
    """Raises NotFound."""
    row = session.get(StartWeights, sha256)
    if row is None:
        raise NotFound(f"There are no start weights {sha256}.")
    return row


def list_all(
    session: Session, network: str | None = None, readable: ColumnElement[bool] | None = None
) -> list[StartWeights]:
    """Returns those of a network that the caller may see, the newest first."""
    rows = select(StartWeights).where(true() if readable is None else readable)
    rows = rows.where(StartWeights.network == network) if network else rows
    return list(session.scalars(rows.order_by(StartWeights.created_at.desc(), StartWeights.sha256)))


def remove(session: Session, sha256: str) -> StartWeights:
    """Deletes the row; the caller deletes its object. Raises NotFound, and Conflict while a detector needs it."""
    row = get(session, sha256)
    starts.refuse_needed_file(session, sha256)
    session.delete(row)
    return row
