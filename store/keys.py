"""API keys and dashboard sessions. Only the SHA-256 of a secret is stored."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store.db.errors import NotFound
from store.db.models import ApiKey, DashboardSession

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
SESSION_DAYS = 30
# Columns instead of the row: every request needs them, and the ORM would create an object each time.
_KEY = select(ApiKey.id, ApiKey.owner, ApiKey.scopes).where(ApiKey.revoked_at.is_(None))


@dataclass(frozen=True)
class Caller:
    """The owner of a request's key, and what the key allows. `admin` may also create and revoke keys."""

    key_id: UUID
    owner: str
    scopes: frozenset[str]
    # The SHA-256 of the dashboard session's secret, if the request came with one.
    session: bytes | None = None


def new_token() -> str:
    """256 random bits after a prefix that secret scanners can recognise."""
    return "rsl_" + secrets.token_urlsafe(32)


def create(session: Session, token: str, *, name: str, owner: str, scopes: tuple[Scope, ...]) -> ApiKey:
    """Makes `token` a valid key; the caller shows it to the user once."""
    key = ApiKey(name=name, owner=owner, scopes=list(scopes), sha256=_hash(token))
    session.add(key)
    session.flush()
    return key


def ensure(session: Session, token: str, *, name: str, owner: str) -> None:
    """Does the same for a token that may already be a key, as the stack does with its own at every start."""
    row = {"name": name, "owner": owner, "scopes": list(SCOPES), "sha256": _hash(token)}
    session.execute(insert(ApiKey).values(row).on_conflict_do_nothing(index_elements=[ApiKey.sha256]))


def authenticate(session: Session, token: str) -> Caller | None:
    """Returns the caller with this bearer key; None if the key is unknown or revoked."""
    key = session.execute(_KEY.where(ApiKey.sha256 == _hash(token))).first()
    return _caller(*key) if key else None


def list_all(session: Session) -> list[ApiKey]:
    return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at)))


def revoke(session: Session, key_id: UUID) -> None:
    """Revokes the key and ends its sessions, permanently. Raises NotFound."""
    ended = update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
    if session.scalar(ended.returning(ApiKey.id)) is None:
        raise NotFound(f"There is no key {key_id}.")
    session.execute(delete(DashboardSession).where(DashboardSession.key_id == key_id))


def open_session(session: Session, caller: Caller) -> str:
    """Opens a session and returns its secret, for an HttpOnly cookie."""
    secret = secrets.token_urlsafe(32)
    expires_at = func.now() + timedelta(days=SESSION_DAYS)
    session.add(DashboardSession(sha256=_hash(secret), key_id=caller.key_id, expires_at=expires_at))
    return secret


def resume_session(session: Session, secret: str) -> Caller | None:
    """Returns the caller with this session cookie; None if it is unknown or expired, or its key was revoked."""
    key = session.execute(
        _KEY.join(DashboardSession, DashboardSession.key_id == ApiKey.id).where(
            DashboardSession.sha256 == _hash(secret), DashboardSession.expires_at > func.now()
        )
    ).first()
    return _caller(*key, session=_hash(secret)) if key else None


def still_valid(session: Session, callers: Collection[Caller]) -> set[Caller]:
    """Returns the callers whose key isn't revoked and whose session, if any, hasn't ended."""
    query = select(ApiKey.id).where(ApiKey.id.in_({caller.key_id for caller in callers}), ApiKey.revoked_at.is_(None))
    open_keys = set(session.scalars(query))
    hashes = {caller.session for caller in callers if caller.session}
    of_sessions = select(DashboardSession.sha256).where(
        DashboardSession.sha256.in_(hashes), DashboardSession.expires_at > func.now()
    )
    open_sessions = {None, *session.scalars(of_sessions)} if hashes else {None}
    return {caller for caller in callers if caller.key_id in open_keys and caller.session in open_sessions}


def close_session(session: Session, secret: str) -> None:
    session.execute(delete(DashboardSession).where(DashboardSession.sha256 == _hash(secret)))


def forget_sessions(session: Session) -> None:
    """Deletes the expired sessions."""
    session.execute(delete(DashboardSession).where(DashboardSession.expires_at < func.now()))


def _caller(key_id: UUID, owner: str, scopes: Sequence[str], session: bytes | None = None) -> Caller:
    return Caller(key_id, owner, frozenset(scopes), session)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
