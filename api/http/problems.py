"""The one file that knows status codes: what went wrong, as RFC 9457 problem+json, with no exception's text in it."""

import errno
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from obstore.exceptions import BaseError as ObjectStoreError
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.schema import FieldError, Problem
from api.http.wording import field_errors
from store.db.errors import Conflict, Forbidden, NotFound, Refused, StoreError
from store.db.objects import is_full

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
UNREADABLE = "There was an error parsing the body"  # FastAPI's words


def answer(
    status: int, detail: str, errors: list[FieldError] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=detail, errors=errors or [])
    return Response(problem.model_dump_json(), status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """A route's error responses for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def define(document: dict[str, Any]) -> None:
    """Adds the schema that `responses` refers to: FastAPI adds models of application/json only."""
    _, definitions = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] |= definitions["$defs"]


def handle(app: FastAPI) -> None:
    """Turns every exception that a route raises into a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreError, _store)
    for error in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(error, _database_away)
    app.add_exception_handler(DataError, _out_of_range)
    app.add_exception_handler(ObjectStoreError, _objects_away)
    app.add_exception_handler(OSError, _machine)


class Unexpected:
    """ASGI middleware: an unexpected exception becomes a 500 that doesn't disclose it.

    FastAPI's own handler would raise it again after the response, and uvicorn would then reset the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:  # in the middle of its own body: nobody is there to be answered
            log.info("a client left before its request was complete", path=scope["path"])
        except Exception as error:
            if has_begun or scope["type"] != "http":
                raise
            await _unexpected(Request(scope), error)(scope, receive, send)


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (what the handler is registered for)
    errors = field_errors(error.errors())
    return answer(422, " ".join(entry.message for entry in errors[:3]) or "The request could not be read.", errors)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "There is nothing at this address."
    if error.status_code == 405:
        detail = f"{request.method} is not allowed at this address."
    if error.status_code == 400 and detail == UNREADABLE:
        detail = "The request body could not be read."
    return answer(error.status_code, detail, headers=error.headers)


def _store(request: Request, error: Exception) -> Response:
    match error:
        case NotFound():
            return answer(404, str(error))
        case Conflict():
            return answer(409, str(error))
        case Forbidden():
            return answer(403, str(error))
        case Refused():
            return answer(422, str(error), [FieldError(field=error.field, message=str(error))])
        case _:
            return _unexpected(request, error)


def _machine(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)  # noqa: S101
    return _full(request) if error.errno in (errno.ENOSPC, errno.EDQUOT) else _unexpected(request, error)


def _full(request: Request) -> Response:
    log.error("a disk is full", path=request.url.path)
    return answer(507, "The service's disk is full, so nothing was stored. Ask its operator to free some space.")


def _database_away(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.DiskFull):
        return _full(request)
    log.error("the database did not answer", path=request.url.path, error=type(error).__name__)
    return answer(503, "The database doesn't answer. Try again in a few seconds.", headers={"Retry-After": "2"})


def _objects_away(request: Request, error: Exception) -> Response:
    if is_full(error):
        return _full(request)
    log.error("the object store did not answer", path=request.url.path, error=type(error).__name__)
    return answer(503, "The object store doesn't answer. Try again in a few seconds.", headers={"Retry-After": "2"})


def _out_of_range(request: Request, _: Exception) -> Response:
    """A value that a column cannot hold. Validation should have refused it: this is the safety net."""
    log.warning("Postgres refused a value that validation had let through", path=request.url.path)
    return answer(422, "A value is out of range.")


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected exception", path=request.url.path, exc_info=error)
    return answer(500, "Something went wrong inside the service. Its log has the details.")
