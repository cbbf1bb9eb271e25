"""The one file that knows status codes: what went wrong, as RFC 9457 problem+json, without a word of an exception."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from obstore.exceptions import BaseError as ObjectStoreError
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.schema import FieldError, Problem
from api.http.wording import field_errors
from store.db.errors import Conflict, NotFound, Refused, StoreError

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
TOO_LARGE = "the request's body is larger than this service takes"


def answer(
    status: int, detail: str, errors: list[FieldError] | None = None, headers: dict[str, str] | None = None
) -> Response:
    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=detail, errors=errors or [])
    return Response(problem.model_dump_json(), status, headers, MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's OpenAPI says of its refusals."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def define(document: dict[str, Any]) -> None:
    """Adds what `responses` refers to: FastAPI knows models of application/json only."""
    _, definitions = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] |= definitions["$defs"]


def handle(app: FastAPI) -> None:
    """Answers everything that a route raises."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreError, _store)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(DataError, _out_of_range)
    app.add_exception_handler(ObjectStoreError, _objects_away)


class Unexpected:
    """ASGI middleware: an exception that nobody foresaw is a 500 that says nothing of it.

    FastAPI's own handler for it answers and raises again, and uvicorn then resets the connection.
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
        except Exception as error:
            if has_begun or scope["type"] != "http":
                raise
            await _unexpected(Request(scope), error)(scope, receive, send)


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (what the handler is registered for)
    errors = field_errors(error.errors())
    return answer(422, "; ".join(entry.message for entry in errors[:3]) or "the request cannot be read", errors)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    detail = error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = "there is nothing at this address"
    if error.status_code == 405:
        detail = f"{request.method} is not possible here"
    if error.status_code == 413:
        detail = TOO_LARGE
    return answer(error.status_code, detail, headers=dict(error.headers) if error.headers else None)


def _store(request: Request, error: Exception) -> Response:
    match error:
        case NotFound():
            return answer(404, str(error))
        case Conflict():
            return answer(409, str(error))
        case Refused():
            return answer(422, str(error), [FieldError(field=error.field, message=str(error))])
        case _:
            return _unexpected(request, error)


def _database_away(request: Request, error: Exception) -> Response:
    log.error("the database did not answer", path=request.url.path, error=type(error).__name__)
    return answer(503, "the database does not answer; try again", headers={"Retry-After": "2"})


def _objects_away(request: Request, error: Exception) -> Response:
    log.error("the object store did not answer", path=request.url.path, error=type(error).__name__)
    return answer(503, "the object store does not answer; try again", headers={"Retry-After": "2"})


def _out_of_range(request: Request, _: Exception) -> Response:
    """A value that the columns cannot hold. The edge should have refused it: this is the net below."""
    log.warning("a value came through that Postgres refused", path=request.url.path)
    return answer(422, "a value is out of range")


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected", path=request.url.path, exc_info=error)
    return answer(500, "something is wrong inside the service; its log says what")
