"""Who may call what. Deny by default: the application depends on `authorize`, and only `OPEN` paths are let through.

A caller sends a bearer key, or the dashboard's session cookie, which allows unsafe methods only from a page of
this origin.
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.security.utils import get_authorization_scheme_param

from api.http import rights
from api.service import Service
from store.people import keys
from store.people.rights import Caller

COOKIE = "reslab_session"
LOGIN = ("/api/v1/login", "/api/v1/login/start", "/api/v1/login/callback")
OPEN = frozenset({"/healthz", "/readyz", *LOGIN})
ONLY_OWN_PAGES = "A session can make changes only from the dashboard's own pages. Use a key instead."
NO_KEY = "This request needs a valid key. Send it as 'Authorization: Bearer rsl_…'."

SCHEMES = {
    "key": {"type": "http", "description": "A key that begins with `rsl_`.", "scheme": "bearer"},
    "session": {
        "type": "apiKey",
        "description": "The dashboard's session. The name ends in _PORT if the service's address names a port.",
        "in": "cookie",
        "name": COOKIE,
    },
}


# Without FastAPI's schemes for key and session, because each dependency takes 0.05 ms of every request (measured).
def authorize(request: Request, response: Response) -> None:
    """Notes the caller for `Present`, except on an open path. Raises 401 without a valid key or session, 403 or 404
    without the right."""
    request.state.response = response  # for the audit trail: what the route says of its answer
    path: str = request.scope["path"]
    if path in OPEN:
        return
    service: Service = request.app.state.service
    key, cookie = _key(request), session_secret(request)
    with service.database.glance() as session:
        if key is not None:
            caller = keys.authenticate(session, key)
        else:
            caller = keys.resume_session(session, cookie) if cookie else None
        if caller is None:
            address = request.client.host if request.client else ""
            service.rates.count(address, service.settings.failures_per_minute, "An address without a valid key")
            raise HTTPException(401, NO_KEY, {"WWW-Authenticate": "Bearer"})
        request.state.caller = caller  # for the audit trail too
        service.rates.count(caller.key_id or caller.session, service.settings.requests_per_minute, "This key")
        if key is None and request.method not in rights.SAFE_METHODS and not is_same_origin(request):
            raise HTTPException(403, ONLY_OWN_PAGES)
        rights.check(session, caller, request)


def _key(request: Request) -> str | None:
    """What the client sent as its key, if anything."""
    scheme, key = get_authorization_scheme_param(request.headers.get("Authorization"))
    return key if key and scheme.lower() == "bearer" else None


def describe(document: dict[str, Any]) -> None:
    """Adds to the OpenAPI document how a caller signs in, and which paths are open."""
    document["components"]["securitySchemes"] = SCHEMES
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["security"] = [] if path in OPEN else [{name: []} for name in SCHEMES]


async def _present(request: Request) -> Caller:
    """`authorize` comes first: the application demands it of every route."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise HTTPException(401, NO_KEY)
    return caller


Present = Annotated[Caller, Depends(_present)]


def is_same_origin(request: Request) -> bool:
    """Whether a page of this origin sent the request. No other site can make a browser claim so."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def session_secret(request: Request) -> str | None:
    """What the browser sent as its session, if anything."""
    return request.cookies.get(_cookie_name(request))


def _cookie_name(request: Request) -> str:
    """Browsers share cookies between all ports of a host, and each port may have a service of its own."""
    port = urlsplit(f"//{request.headers.get('host', '')}").port
    return f"{COOKIE}_{port}" if port else COOKIE


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """SameSite=Strict suffices: the page that a login redirects to is open, and its own calls carry the cookie."""
    response.set_cookie(
        _cookie_name(request),
        secret,
        max_age=keys.SESSION_DAYS * 24 * 3600,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def delete_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(_cookie_name(request), httponly=True, samesite="strict")
