"""Keys and sessions over HTTP. A key's token is sent once, in the response that creates the key."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.admin.schema import Key, KeyCreate, Keys, NewKey, OpenSession, Session, Sessions
from api.http import access
from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.service import Here
from store.db.errors import Forbidden
from store.people import keys, rights
from store.people.rights import SCOPES, Caller, Place

router = APIRouter(prefix="/api/v1", tags=["access"])

LONGEST_NAME = 200


@router.get("/keys", operation_id="list_keys", responses=responses(403))
def list_keys(service: Here, caller: Present) -> Keys:
    """Your keys and those of the projects that you maintain, without their tokens; for an administrator, all."""
    with service.database.transaction() as session:
        return Keys(items=[Key.model_validate(row) for row in keys.list_keys(session, caller)])


@router.post("/keys", status_code=201, operation_id="create_key", responses=responses(403, 404, 422))
def create_key(body: KeyCreate, response: Response, service: Here, caller: Present) -> NewKey:
    """Creates a key. Its token is in this response only."""
    token, scopes = keys.new_token(), tuple(dict.fromkeys(body.scopes))
    expires_in = timedelta(days=body.expires_in_days) if body.expires_in_days else None
    _require(caller, body)
    with service.database.transaction() as session:
        if body.project is not None:
            row = keys.create_for_service(
                session, token, name=body.name, project=body.project, role=body.role, scopes=scopes,
                expires_in=expires_in,
            )  # fmt: skip
        else:
            owner = body.owner or caller.owner
            row = keys.create(session, token, name=body.name, owner=owner, scopes=scopes, expires_in=expires_in)
        key = Key.model_validate(row)
        locate(response, f"keys/{key.id}", is_new=True)
    return NewKey(**dict(key), token=token)


def _require(caller: Caller, body: KeyCreate) -> None:
    """Raises Forbidden: nobody makes a key that may do more than they may."""
    if body.project is not None:
        rights.require(caller, "manage", Place(body.project))
    elif body.owner not in (None, caller.owner):
        rights.require(caller, "administer")
    if missing := set(body.scopes) - caller.scopes:
        raise Forbidden(f"Your own key lacks the scope {min(missing)}, so it can't create a key that has it.")


@router.delete("/keys/{key_id}", status_code=204, operation_id="revoke_key", responses=responses(403, 404, 409, 422))
def revoke_key(key_id: UUID, service: Here) -> None:
    """Revokes the key and ends its sessions permanently. The last key of the last administrator stays."""
    with service.database.transaction() as session:
        keys.revoke(session, key_id)


@router.post("/session", status_code=201, operation_id="open_session", responses=responses(401))
def open_session(request: Request, response: Response, service: Here, caller: Present) -> Session:
    """Opens a session for this request's bearer key and sets its cookie."""
    name = request.headers.get("user-agent", "")[:LONGEST_NAME] or "a browser"
    with service.database.transaction() as session:
        secret = keys.open_session(session, caller, name)
    access.set_cookie(request, response, secret)
    return _session(caller)


@router.get("/session", operation_id="get_session", responses=responses(401))
def get_session(caller: Present) -> Session:
    """The caller, their scopes and their roles."""
    return _session(caller)


@router.delete("/session", status_code=204, operation_id="close_session", responses=responses(401))
def close_session(request: Request, response: Response, service: Here) -> None:
    """Closes the caller's session and deletes its cookie."""
    secret = access.session_secret(request)
    if secret is not None:
        with service.database.transaction() as session:
            keys.close_session(session, secret)
    access.delete_cookie(request, response)


@router.get("/sessions", operation_id="list_sessions", responses=responses(403))
def list_sessions(service: Here, caller: Present) -> Sessions:
    """The browsers in which you are signed in; for an administrator, in which anybody is."""
    with service.database.transaction() as session:
        rows = keys.list_sessions(session, caller)
    return Sessions(
        items=[
            OpenSession(
                id=row.id,
                owner=row.owner,
                name=row.name,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                expires_at=row.expires_at,
                is_this=row.sha256 == caller.session,
            )
            for row in rows
        ]
    )


@router.delete(
    "/sessions/{session_id}", status_code=204, operation_id="end_session", responses=responses(403, 404, 422)
)
def end_session(session_id: UUID, service: Here) -> None:
    """Signs a browser out."""
    with service.database.transaction() as session:
        keys.end_session(session, session_id)


def _session(caller: Caller) -> Session:
    return Session(
        owner=caller.owner,
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
        is_administrator=caller.is_administrator,
        roles=dict(sorted(caller.roles)),
    )
