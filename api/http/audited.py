"""Writes the audit trail: every request that changes something or was refused, before its response leaves.

What a client was told has happened is in the trail. A process that dies between an act and its response leaves the act
without an entry; what became of a run is then still in the run's own history, which is written with the act.
"""

import json
from typing import Any, Final

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.access import LOGIN
from api.http.rights import SAFE_METHODS
from store.db.database import Database
from store.people import audit
from store.people.people import COMMON

log = structlog.get_logger()

# What these answer stores nothing.
UNRECORDED: Final = frozenset({"plan_run", "plan_import", "pool_runs"})
# A longer body, such as a data set, is not repeated in the trail.
MOST_DETAIL_BYTES: Final = 2000
PREFIX: Final = "/api/v1/"


class Audited:
    """ASGI middleware around the routes."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self._app = app
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] in SAFE_METHODS and scope["path"] not in LOGIN):
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def read() -> Message:
            message = await receive()
            body.extend(message.get("body", b"")[: max(0, MOST_DETAIL_BYTES + 1 - len(body))])
            return message

        async def write(message: Message) -> None:
            if message["type"] == "http.response.start" and (entry := _entry(scope, message, bytes(body))):
                await run_in_threadpool(self._write, entry)
            await send(message)

        await self._app(scope, read, write)

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            try:
                audit.record(self._database, entry)
            except DataError:  # the body holds what Postgres can't store, such as a lone surrogate
                audit.record(self._database, {**entry, "detail": None})
        except SQLAlchemyError:  # the act is done, so the client must hear of it
            log.exception("an entry of the audit trail is lost", action=entry["action"])


def _entry(scope: Scope, response: Message, body: bytes) -> dict[str, Any] | None:
    """A row of the trail."""
    operation = getattr(scope.get("route"), "operation_id", None)
    caller = scope.get("state", {}).get("caller")
    # An unknown caller is worth a line only where one tries to sign in: anybody could fill the trail otherwise.
    is_login = operation in ("open_session", "finish_login")
    if operation is None or operation in UNRECORDED or b"dry_run=true" in scope["query_string"]:
        return None
    if caller is None and not is_login:
        return None
    if operation == "finish_login" and caller is None and response["status"] < 400:
        response = {**response, "status": 401}  # the redirect says it to the person only
    # Only a creation's: a login redirects.
    location = Headers(raw=response["headers"]).get("location") if response["status"] in (200, 201) else None
    detail = _detail(scope, body)
    project = scope.get("state", {}).get("project") or (detail or {}).get("project")
    if project is None and operation in ("create_run", "create_study"):
        project = COMMON
    return {
        "person": caller and caller.owner,
        "key_id": caller and caller.key_id,
        "action": operation,
        "subject": (location or scope["path"]).removeprefix(PREFIX),
        "project": project if isinstance(project, str) else None,
        "address": scope["client"][0] if scope["client"] else "",
        "status": response["status"],
        "detail": detail,
    }


def _detail(scope: Scope, body: bytes) -> dict[str, Any] | None:
    """The request's JSON object, if it is short."""
    if not 0 < len(body) <= MOST_DETAIL_BYTES:
        return None
    if not Headers(scope=scope).get("content-type", "").startswith("application/json"):
        return None
    try:
        detail = json.loads(body)
    except ValueError:
        return None
    return detail if isinstance(detail, dict) else None
