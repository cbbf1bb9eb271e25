"""Idempotency keys: a POST that is sent again makes nothing twice."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import Conflict
from store.db.models import IdempotencyKey


def take(session: Session, wanted: IdempotencyKey) -> UUID:
    """The run or study that owns the key: the one `wanted` names where the key was free.

    A racing POST waits here for the other's commit. Raises Conflict where the key was used with another body.
    """
    ours = _made(wanted)
    columns = ("owner", "key", "body_hash", "run_id", "study_id")
    row = {name: getattr(wanted, name) for name in columns}
    free = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(free).first():
        return ours
    taken = session.get_one(IdempotencyKey, (wanted.owner, wanted.key))
    if taken.body_hash != wanted.body_hash:
        kind = "run" if taken.run_id else "study"
        raise Conflict(f"the idempotency key {wanted.key!r} was used with another body, for {kind} {_made(taken)}")
    return _made(taken)


def _made(key: IdempotencyKey) -> UUID:
    made = key.run_id or key.study_id
    assert made is not None  # noqa: S101 (for mypy: the table's constraint)
    return made
