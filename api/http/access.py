"""Who may call what. Deny by default: the application depends on `authorize`, and only `OPEN` paths are let through.

A caller brings a bearer key, or the dashboard's session cookie, which counts for unsafe methods only from
a page of this origin.
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.service import Here
from store import keys
from store.keys import Caller, Scope

COOKIE = "reslab_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = frozenset({"/healthz", "/readyz", "/login"})
ADMIN_PREFIX = "/api/v1/keys"
# Anyone who may read may open and close a session of their own.
SESSION_PATH = "/api/v1/session"

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key that begins with `rsl_`.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="The dashboard's session.")


def authorize(
    request: Request,
    service: Here,
    key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Caller | None:
    """The caller; None only on an open path. Raises 401 without a valid key or session, 403 without the scope."""
    path: str = request.scope["path"]
    if path in OPEN:
        return None
    with service.database.glance() as session:
        if key is not None:
            caller = keys.authenticate(session, key.credentials)
        else:
            caller = keys.resume_session(session, cookie) if cookie else None
    if caller is None:
        raise HTTPException(401, "this needs a valid key: Authorization: Bearer rsl_…", {"WWW-Authenticate": "Bearer"})
    if key is None and request.method not in SAFE_METHODS and not is_same_origin(request):
        raise HTTPException(403, "a session counts for changes only from the dashboard's own pages")
    needed = scope_of(request.method, path)
    if needed not in caller.scopes:
        raise HTTPException(403, f"this needs a key with the scope {needed}")
    return caller


def describe(document: dict[str, Any]) -> None:
    """Says in the OpenAPI document which paths are open: FastAPI writes the dependency's schemes to every one."""
    for path in OPEN:
        for operation in document["paths"][path].values():
            operation["security"] = []


async def _present(caller: Annotated[Caller | None, Depends(authorize)]) -> Caller:
    if caller is None:
        raise HTTPException(401, "this needs a valid key")
    return caller


Present = Annotated[Caller, Depends(_present)]


def scope_of(method: str, path: str) -> Scope:
    """What a key must allow for this call."""
    if path == ADMIN_PREFIX or path.startswith(f"{ADMIN_PREFIX}/"):
        return "admin"
    if method in SAFE_METHODS or path == SESSION_PATH:
        return "read"
    return "write"


def is_same_origin(request: Request) -> bool:
    """Whether a page of this very origin sent it; a browser cannot be made to say so by another site."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def give_cookie(request: Request, response: Response, secret: str) -> None:
    """Strict is enough: the page that a login leads to is open, and its own calls carry the cookie."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=keys.SESSION_DAYS * 24 * 3600,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
