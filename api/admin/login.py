"""/login?token=…, the printed URL: opens a session and redirects to the dashboard without the token."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http import access
from api.http.problems import responses
from api.service import Here
from store import keys

router = APIRouter(tags=["access"])


@router.get(
    "/login",
    status_code=303,
    operation_id="log_in",
    response_class=RedirectResponse,
    responses=responses(401, 422),
)
def log_in(request: Request, service: Here, token: Annotated[str, Query(max_length=200)]) -> Response:
    """Opens a session for a key's token and redirects to the dashboard."""
    with service.database.transaction() as session:
        caller = keys.authenticate(session, token)
        secret = keys.open_session(session, caller) if caller else None
    if secret is None and "text/html" in request.headers.get("Accept", ""):  # a person with an old link
        return RedirectResponse("/#unknown-token", status_code=303)
    if secret is None:
        raise HTTPException(401, "This token is unknown or was revoked. Open the URL that the service printed last.")
    response = RedirectResponse("/", status_code=303)
    access.set_cookie(request, response, secret)
    return response
