"""Keys and sessions over HTTP. A key's token is sent once, in the response that creates the key."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.admin.schema import Key, KeyCreate, Keys, NewKey, Session
from api.http import access
from api.http.access import Present
from api.http.problems import responses
from api.service import Here
from store import keys
from store.keys import SCOPES, Caller

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.get("/keys", operation_id="list_keys", responses=responses(403))
def list_keys(service: Here) -> Keys:
    """All keys, without their tokens."""
    with service.database.transaction() as session:
        return Keys(items=[Key.model_validate(row) for row in keys.list_all(session)])


@router.post("/keys", status_code=201, operation_id="create_key", responses=responses(403, 422))
def create_key(body: KeyCreate, service: Here, caller: Present) -> NewKey:
    """Creates a key. Its token is in this response only."""
    token = keys.new_token()
    with service.database.transaction() as session:
        row = keys.create(
            session, token, name=body.name, owner=body.owner or caller.owner, scopes=tuple(dict.fromkeys(body.scopes))
        )
        session.refresh(row)
        key = Key.model_validate(row)
    return NewKey(**dict(key), token=token)


@router.delete("/keys/{key_id}", status_code=204, operation_id="revoke_key", responses=responses(403, 404, 422))
def revoke_key(key_id: UUID, service: Here) -> None:
    """Revokes the key and ends its sessions permanently."""
    with service.database.transaction() as session:
        keys.revoke(session, key_id)


@router.post("/session", status_code=201, operation_id="open_session", responses=responses(401))
def open_session(request: Request, response: Response, service: Here, caller: Present) -> Session:
    """Opens a session for this request's bearer key and sets its cookie."""
    with service.database.transaction() as session:
        secret = keys.open_session(session, caller)
    access.set_cookie(request, response, secret)
    return _session(caller)


@router.get("/session", operation_id="get_session", responses=responses(401))
def get_session(caller: Present) -> Session:
    """The caller and their scopes."""
    return _session(caller)


@router.delete("/session", status_code=204, operation_id="close_session", responses=responses(401))
def close_session(request: Request, response: Response, service: Here) -> None:
    """Closes the caller's session and deletes its cookie."""
    secret = access.session_secret(request)
    if secret is not None:
        with service.database.transaction() as session:
            keys.close_session(session, secret)
    access.delete_cookie(request, response)


def _session(caller: Caller) -> Session:
    return Session(owner=caller.owner, scopes=[scope for scope in SCOPES if scope in caller.scopes])
