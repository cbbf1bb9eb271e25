"""Idempotency keys: a repeated POST creates nothing twice."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import Conflict
from store.db.models import IdempotencyKey


def take(session: Session, request: IdempotencyKey) -> UUID:
    """Returns the run or study that owns the key: the one that `request` names if the key is new.

    A simultaneous POST waits here for the other's commit. Raises Conflict if the key was used with another body.
    """
    row = {
        "owner": request.owner,
        "key": request.key,
        "body_hash": request.body_hash,
        "run_id": request.run_id,
        "study_id": request.study_id,
    }
    new = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(new).first():
        return _owner(request)
    earlier = session.get_one(IdempotencyKey, (request.owner, request.key))
    if earlier.body_hash != request.body_hash:
        kind = "run" if earlier.run_id else "study"
        raise Conflict(
            f"The idempotency key {request.key!r} was already used with another body, for {kind} {_owner(earlier)}."
            " Send a new key."
        )
    return _owner(earlier)


def is_used(session: Session, owner: str, key: str | None) -> bool:
    """Whether an earlier POST with this key was accepted."""
    return key is not None and session.get(IdempotencyKey, (owner, key)) is not None


def _owner(key: IdempotencyKey) -> UUID:
    owner = key.run_id or key.study_id
    assert owner is not None  # noqa: S101 (for mypy: the table's constraint)
    return owner
