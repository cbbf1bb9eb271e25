"""Signing in at an identity provider, over HTTP: to the provider, and back with a session."""

from typing import Annotated, Final
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from api.http import access
from api.http.problems import responses
from api.http.schema import Response as Schema
from api.service import Here, Service
from store.db.errors import Forbidden
from store.db.settings import Settings
from store.people import groups, keys
from store.people.groups import Rule
from store.people.rights import SCOPES, Caller

router = APIRouter(prefix="/api/v1/login", tags=["access"])
log = structlog.get_logger()

COOKIE: Final = "reslab_login"
COOKIE_S: Final = 600
BACK: Final = "/api/v1/login/callback"
LONGEST_NAME: Final = 200


class Logins(Schema):
    """How one can sign in besides a key."""

    provider: str | None = Field(description="What the button says; null without an identity provider.")


@router.get("", operation_id="get_logins")
def get_logins(service: Here) -> Logins:
    """How one can sign in besides a key. Needs no key itself."""
    settings = service.settings
    return Logins(provider=settings.oidc_name if settings.oidc_issuer else None)


@router.get("/start", operation_id="start_login", response_class=RedirectResponse, status_code=303)
def start_login(request: Request, service: Here) -> Response:
    """Sends the browser to the identity provider."""
    from api.admin import openid  # httpx and joserfc, which an idle API does not need

    if not service.settings.oidc_issuer:
        return _failed("This service has no identity provider. Sign in with a key.")
    attempt = openid.Attempt.new()
    try:
        address = openid.address(service.settings, attempt, _back(request))
    except openid.ProviderAway as error:
        log.warning("the identity provider doesn't answer", error=str(error))
        return _failed(openid.UNANSWERED)
    response = RedirectResponse(address, 303)
    # Lax: the provider sends the browser back from another site.
    response.set_cookie(
        COOKIE, str(attempt), COOKIE_S, path=BACK, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return response


@router.get(
    "/callback",
    operation_id="finish_login",
    response_class=RedirectResponse,
    status_code=303,
    responses=responses(422),
)
def finish_login(
    request: Request,
    service: Here,
    state: Annotated[str, Query(max_length=4000)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Where the provider sends the browser back to: opens a session."""
    from api.admin import openid

    attempt = openid.Attempt.parse(request.cookies.get(COOKIE, ""))
    if attempt is None or not code or attempt.state != state:
        return _failed("The login was cancelled or took too long. Try again.")
    try:
        identity = openid.identify(service.settings, attempt, code, _back(request))
        secret = _sign_in(request, service, identity)
    except openid.ProviderAway as error:
        log.warning("the identity provider doesn't answer", error=str(error))
        return _failed(openid.UNANSWERED)
    except Forbidden as refusal:
        return _failed(str(refusal))
    response = RedirectResponse("/", 303)
    access.set_cookie(request, response, secret)
    response.delete_cookie(COOKIE, path=BACK)
    return response


def _sign_in(request: Request, service: Service, identity: groups.Identity) -> str:
    name = request.headers.get("user-agent", "")[:LONGEST_NAME] or "a browser"
    with service.database.transaction() as session:
        person = groups.sign_in(session, identity, rules(service.settings))
        caller = Caller(None, person, frozenset(SCOPES))
        request.state.caller = caller  # for the audit trail
        return keys.open_session(session, caller, name)


def rules(settings: Settings) -> list[Rule]:
    return [Rule.parse(text) for text in settings.oidc_roles]


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers['host']}{BACK}"


def _failed(message: str) -> Response:
    """The login page shows what comes after #failed=."""
    return RedirectResponse(f"/#failed={quote(message)}", 303)
