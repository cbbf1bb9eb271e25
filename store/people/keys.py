"""API keys and dashboard sessions. Only the SHA-256 of a secret is stored."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.db.errors import NotFound
from store.db.models import ApiKey, DashboardSession, Membership, Person, Project
from store.people import people, projects
from store.people.rights import SCOPES, Caller, Place, Role, Scope, may

SESSION_DAYS: Final = 30
MOST_SESSIONS: Final = 100
# `last_used_at` is written at most this often.
_USED_S: Final = 60
LAST = "This is the last key with which an administrator can sign in. Create another one before you end it."

_VALID: Final = (
    ApiKey.revoked_at.is_(None),
    or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
)
_OPEN: Final = DashboardSession.expires_at > func.now()


def new_token() -> str:
    """256 random bits after a prefix that secret scanners can recognise."""
    return "rsl_" + secrets.token_urlsafe(32)


def create(
    session: Session,
    token: str,
    *,
    name: str,
    owner: str,
    scopes: tuple[Scope, ...],
    expires_in: timedelta | None = None,
) -> ApiKey:
    """Makes `token` a valid key; the caller shows it to the user once. An owner who isn't known yet is added, and is an
    administrator if the key has the scope admin."""
    people.ensure(session, owner, is_administrator="admin" in scopes)
    return _add(session, token, ApiKey(name=name, owner=owner, scopes=list(scopes)), expires_in)


def create_for_service(
    session: Session, token: str, *, name: str, project: str, role: Role, scopes: tuple[Scope, ...],
    expires_in: timedelta | None = None,
) -> ApiKey:  # fmt: skip
    """Makes `token` a key of the project's service account `NAME@PROJECT`, which a program such as a CI job uses, and
    gives the account this role."""
    account = f"{name}@{project}"
    people.ensure(session, account, is_service=True)
    projects.set_role(session, project, account, role)
    return _add(session, token, ApiKey(name=name, owner=account, project=project, scopes=list(scopes)), expires_in)


def _add(session: Session, token: str, key: ApiKey, expires_in: timedelta | None) -> ApiKey:
    key.sha256 = _hash(token)
    session.add(key)
    session.flush()
    if expires_in is not None:
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(expires_at=func.now() + expires_in))
    session.refresh(key)
    return key


def ensure(session: Session, token: str, *, name: str, owner: str) -> None:
    """Does the same for a token that may already be a key, as the stack does with its own at every start."""
    people.ensure(session, owner, is_administrator=True)
    row = {"name": name, "owner": owner, "scopes": list(SCOPES), "sha256": _hash(token)}
    session.execute(insert(ApiKey).values(row).on_conflict_do_nothing(index_elements=[ApiKey.sha256]))


def authenticate(session: Session, token: str) -> Caller | None:
    """Returns the caller with this bearer key; None if the key is unknown, expired or revoked, or its owner disabled.

    Outside a transaction, it also notes that the key was used.
    """
    row = session.connection().execute(_BY_KEY, {"sha256": _hash(token)}).first()
    if row is None:
        return None
    if row[-1]:
        session.execute(update(ApiKey).where(ApiKey.id == row[0]).values(last_used_at=func.now()))
    return _caller(row)


def list_keys(session: Session, caller: Caller | None = None) -> list[ApiKey]:
    """Returns the keys that the caller may revoke; without a caller, everybody's."""
    rows = session.scalars(select(ApiKey).order_by(ApiKey.created_at))
    return [row for row in rows if caller is None or may(caller, "own", row)]


def get(session: Session, key_id: UUID) -> ApiKey:
    """Raises NotFound."""
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFound(f"There is no key {key_id}.")
    return key


def revoke(session: Session, key_id: UUID) -> ApiKey:
    """Revokes the key and ends its sessions, permanently.

    Raises NotFound, and Conflict if no administrator could sign in without it.
    """
    key = get(session, key_id)
    people.keep_an_administrator(session, (ApiKey.id != key_id,), LAST)
    session.execute(
        update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
    )
    session.execute(delete(DashboardSession).where(DashboardSession.key_id == key_id))
    return key


def open_session(session: Session, caller: Caller, name: str = "a browser") -> str:
    """Opens a session and returns its secret, for an HttpOnly cookie."""
    secret = secrets.token_urlsafe(32)
    _make_room(session, caller.owner)
    expires_at = func.now() + timedelta(days=SESSION_DAYS)
    session.add(
        DashboardSession(
            sha256=_hash(secret), owner=caller.owner, name=name, key_id=caller.key_id, expires_at=expires_at
        )
    )
    return secret


def _make_room(session: Session, owner: str) -> None:
    """Ends the sessions that were used the longest ago, so that with a new one there are `MOST_SESSIONS`."""
    newest = select(DashboardSession.id).where(DashboardSession.owner == owner)
    newest = newest.order_by(DashboardSession.last_used_at.desc()).limit(MOST_SESSIONS - 1)
    session.execute(delete(DashboardSession).where(DashboardSession.owner == owner, DashboardSession.id.not_in(newest)))


def resume_session(session: Session, secret: str) -> Caller | None:
    """Returns the caller with this session cookie; None if it is unknown or expired, or its key was revoked."""
    row = session.connection().execute(_BY_SESSION, {"sha256": _hash(secret)}).first()
    if row is None:
        return None
    if row[-1]:
        used = update(DashboardSession).where(DashboardSession.sha256 == _hash(secret))
        session.execute(used.values(last_used_at=func.now()))
    return _caller(row, session=_hash(secret))


def still_valid(session: Session, callers: Collection[Caller]) -> set[Caller]:
    """Returns the callers who may still do exactly what they could: neither key, session nor roles have changed."""
    return {caller for caller in callers if _again(session, caller) == caller}


def _again(session: Session, caller: Caller) -> Caller | None:
    if caller.session is not None:
        row = session.execute(_sessions(func.now()).where(DashboardSession.sha256 == caller.session)).first()
    else:
        query = _callers(ApiKey.id, ApiKey.scopes).join(ApiKey, ApiKey.owner == Person.name)
        row = session.execute(query.where(ApiKey.id == caller.key_id, *_VALID)).first()
    return _caller(row, session=caller.session) if row else None


def list_sessions(session: Session, caller: Caller) -> list[DashboardSession]:
    """Returns the open sessions that the caller may end, the last used first."""
    rows = session.scalars(select(DashboardSession).where(_OPEN).order_by(DashboardSession.last_used_at.desc()))
    return [row for row in rows if may(caller, "own", Place(owner=row.owner))]


def end_session(session: Session, session_id: UUID) -> None:
    """Raises NotFound."""
    ended = delete(DashboardSession).where(DashboardSession.id == session_id).returning(DashboardSession.id)
    if session.scalar(ended) is None:
        raise NotFound(f"There is no session {session_id}.")


def close_session(session: Session, secret: str) -> None:
    session.execute(delete(DashboardSession).where(DashboardSession.sha256 == _hash(secret)))


def forget_sessions(session: Session) -> None:
    """Deletes the expired sessions."""
    session.execute(delete(DashboardSession).where(DashboardSession.expires_at < func.now()))


def _sessions(*columns: Any) -> Select[Any]:
    """Callers by their session. One that an identity provider opened has no key, and all scopes."""
    scopes = func.coalesce(ApiKey.scopes, list(SCOPES))
    query = _callers(DashboardSession.key_id, scopes, *columns)
    query = query.join(DashboardSession, DashboardSession.owner == Person.name)
    query = query.outerjoin(ApiKey, ApiKey.id == DashboardSession.key_id)
    return query.where(_OPEN, or_(DashboardSession.key_id.is_(None), and_(*_VALID)))


def _is_stale(used_at: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether `last_used_at` is to be written again."""
    return or_(used_at.is_(None), used_at < func.now() - timedelta(seconds=_USED_S))


def _callers(*columns: Any) -> Select[Any]:
    """These columns of people who aren't disabled, and what `_caller` needs. Columns: every request needs them, and the
    ORM would create objects each time."""
    key_id, scopes, *more = columns
    roles = func.jsonb_object_agg(Membership.project, Membership.role)
    own = select(roles).where(Membership.person == Person.name).scalar_subquery()
    public = select(func.array_agg(Project.name)).where(Project.is_public).scalar_subquery()
    query = select(key_id, scopes, Person.name, Person.is_administrator, own, public, *more)
    return query.select_from(Person).where(Person.disabled_at.is_(None))


# Built once: each request needs one of them, and building it took three times as long as reading the row (measured).
_BY_KEY: Final = (
    _callers(ApiKey.id, ApiKey.scopes, _is_stale(ApiKey.last_used_at))
    .join(ApiKey, ApiKey.owner == Person.name)
    .where(ApiKey.sha256 == bindparam("sha256"), *_VALID)
)
_BY_SESSION: Final = _sessions(_is_stale(DashboardSession.last_used_at)).where(
    DashboardSession.sha256 == bindparam("sha256")
)


def _caller(row: Row[Any], session: bytes | None = None) -> Caller:
    key_id, scopes, owner, is_administrator, own, public = tuple(row)[:6]
    roles = dict.fromkeys(public or (), "viewer") | (own or {})
    return Caller(key_id, owner, frozenset(scopes), session, is_administrator, frozenset(roles.items()))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
