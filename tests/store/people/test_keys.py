"""Keys and sessions, of which only hashes are stored."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from store.db.database import Database
from store.db.errors import NotFound
from store.db.models import ApiKey, DashboardSession
from store.people import keys
from store.people.rights import Caller


@pytest.fixture
def token(database: Database) -> str:
    token = keys.new_token()
    with database.transaction() as session:
        keys.create(session, token, name="laptop", owner="ann", scopes=("read",))
    return token


def caller(database: Database, token: str) -> Caller | None:
    with database.transaction() as session:
        return keys.authenticate(session, token)


def test_a_key_names_its_owner_and_scopes(database: Database, token: str) -> None:
    owner = caller(database, token)
    assert owner is not None
    assert (owner.owner, owner.scopes) == ("ann", frozenset({"read"}))


@pytest.mark.parametrize("wrong", ["", "rsl_", "\ud800", "x" * 10_000])
def test_an_unknown_token_has_no_caller(database: Database, token: str, wrong: str) -> None:
    assert caller(database, wrong) is None


def test_the_secret_itself_is_not_stored(database: Database, token: str) -> None:
    with database.transaction() as session:
        row = session.scalars(select(ApiKey)).one()
    assert token not in repr(vars(row))
    assert len(row.sha256) == 32


def test_ensuring_a_token_twice_creates_one_key(database: Database) -> None:
    token = keys.new_token()
    for _ in range(2):
        with database.transaction() as session:
            keys.ensure(session, token, name="local", owner="local")
    with database.transaction() as session:
        assert len(keys.list_keys(session)) == 1


def test_a_revoked_key_ends_with_its_sessions(database: Database, token: str) -> None:
    owner = caller(database, token)
    assert owner is not None
    with database.transaction() as session:
        secret = keys.open_session(session, owner)
    with database.transaction() as session:
        resumed = keys.resume_session(session, secret)
        assert resumed is not None
        assert resumed.session is not None
        assert replace(resumed, session=None) == owner
        keys.revoke(session, owner.key_id)  # type: ignore[arg-type] # a key's caller has its id
    assert caller(database, token) is None
    with database.transaction() as session:
        assert keys.resume_session(session, secret) is None


def test_an_expired_session_has_no_caller_and_is_deleted(database: Database, token: str) -> None:
    owner = caller(database, token)
    assert owner is not None
    with database.transaction() as session:
        secret = keys.open_session(session, owner)
        session.flush()
        session.execute(update(DashboardSession).values(expires_at=func.now() - text("interval '1 second'")))
    with database.transaction() as session:
        assert keys.resume_session(session, secret) is None
        keys.forget_sessions(session)
        assert session.scalar(select(func.count()).select_from(DashboardSession)) == 0


def test_a_person_has_a_limited_number_of_sessions_and_keeps_those_in_use(
    database: Database, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_SESSIONS", 2)
    owner = caller(database, token)
    assert owner is not None
    opened = []
    for age in (3, 2, 1):
        with database.transaction() as session:
            opened.append(keys.open_session(session, owner))
            session.flush()
            aged = update(DashboardSession).where(DashboardSession.last_used_at == func.now())
            session.execute(aged.values(last_used_at=func.now() - text(f"interval '{age} hours'")))
    with database.transaction() as session:
        assert [keys.resume_session(session, secret) is not None for secret in opened] == [False, True, True]


def test_revoking_an_unknown_key_is_not_found(database: Database) -> None:
    with database.transaction() as session, pytest.raises(NotFound):
        keys.revoke(session, uuid4())
