"""Writes the audit trail: every request that changes something or was refused.

An act and its entry are committed in one transaction: whatever process dies, there is none without the other. Of an act
in several transactions, the first has the entry. What changed nothing, such as a refusal, has its entry before its
response leaves; so has an act whose answer is an error after all.
"""

import json
from contextvars import ContextVar
from typing import Any, Final

import structlog
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
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
        database.before_commit = _commit_with_act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] in SAFE_METHODS and scope["path"] not in LOGIN):
            await self._app(scope, receive, send)
            return
        act = _Act(scope)

        async def read() -> Message:
            message = await receive()
            act.body.extend(message.get("body", b"")[: max(0, MOST_DETAIL_BYTES + 1 - len(act.body))])
            return message

        async def write(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._answered(act, message["status"], Headers(raw=message["headers"]).get("location"))
            await send(message)

        token = _ACT.set(act)
        try:
            await self._app(scope, read, write)
        except Exception:
            await self._answered(act, 500, None)
            raise
        finally:
            _ACT.reset(token)

    async def _answered(self, act: "_Act", status: int, location: str | None) -> None:
        if act.is_recorded and status < 400:
            return
        act.is_recorded = True  # what follows is no part of the act
        if entry := act.entry(status, location):
            await run_in_threadpool(self._write, entry)

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            with self._database.transaction() as session:
                audit.record(session, entry)
        except SQLAlchemyError:  # nothing was done, or its own entry is committed, so the client must hear of it
            log.exception("an entry of the audit trail is lost", action=entry["action"])


class _Act:
    """A request that may change something."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.body = bytearray()
        self.is_recorded = False

    def entry(self, status: int, location: str | None) -> dict[str, Any] | None:
        """Its row of the trail; None if it has none."""
        return _entry(self._scope, status, location, bytes(self.body))

    def expected_entry(self) -> dict[str, Any] | None:
        """Its row before it is answered: with what its route has said of the response so far."""
        response: Response | None = self._scope.get("state", {}).get("response")
        if response is None:  # no route has been entered
            return None
        status = response.status_code or self._scope["route"].status_code or 200
        return self.entry(status, response.headers.get("location"))

    def note_commit(self, _: Session) -> None:
        self.is_recorded = True


# The request that this thread or task answers.
_ACT: ContextVar[_Act | None] = ContextVar("act", default=None)


def _commit_with_act(session: Session) -> None:
    """Adds the request's entry to the first transaction in which it has written anything."""
    act = _ACT.get()
    if act is None or act.is_recorded:
        return
    entry = act.expected_entry()
    if entry and audit.record_act(session, entry):
        event.listen(session, "after_commit", act.note_commit, once=True)


def locate(response: Response, path: str, *, is_new: bool) -> None:
    """Says in the response, and so in the trail, what was created, or that it was there before. Call it in the
    transaction that creates it."""
    if not is_new:
        response.status_code = 200
    response.headers["Location"] = PREFIX + path


def _entry(scope: Scope, status: int, location: str | None, body: bytes) -> dict[str, Any] | None:
    """A row of the trail."""
    operation = getattr(scope.get("route"), "operation_id", None)
    caller = scope.get("state", {}).get("caller")
    # An unknown caller is worth a line only where one tries to sign in: anybody could fill the trail otherwise.
    is_login = operation in ("open_session", "finish_login")
    if operation is None or operation in UNRECORDED or b"dry_run=true" in scope["query_string"]:
        return None
    if caller is None and not is_login:
        return None
    if operation == "finish_login" and caller is None and status < 400:
        status = 401  # the redirect says it to the person only
    created = location if status in (200, 201) else None  # a login redirects
    detail = _detail(scope, body)
    project = scope.get("state", {}).get("project") or (detail or {}).get("project")
    if project is None and operation in ("create_run", "create_study"):
        project = COMMON
    return {
        "person": caller and caller.owner,
        "key_id": caller and caller.key_id,
        "action": operation,
        "subject": (created or scope["path"]).removeprefix(PREFIX).replace("\0", "\ufffd"),
        "project": project if isinstance(project, str) else None,
        "address": scope["client"][0] if scope["client"] else "",
        "status": status,
        "detail": detail,
    }


def _detail(scope: Scope, body: bytes) -> dict[str, Any] | None:
    """The request's JSON object, if it is short and Postgres can store it: no NUL, NaN or half of a character."""
    if not 0 < len(body) <= MOST_DETAIL_BYTES:
        return None
    if not Headers(scope=scope).get("content-type", "").startswith("application/json"):
        return None
    try:
        detail = json.loads(body)
        written = json.dumps(detail, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return detail if isinstance(detail, dict) and rb"\u0000" not in written else None
