"""A run's log over HTTP: its tail, the lines after a line, the lines that contain a text, and the whole file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.problems import responses
from api.http.schema import Response
from api.service import Here, Service
from store import logs
from store.db import models
from store.db.text import ShortText
from store.runs import verbs

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["files"])

LAST_LINE = 2**31 - 2
After = Annotated[int, Query(ge=0, le=LAST_LINE, description="Lines with a higher number than this.")]


class LogLine(Response):
    """`number` counts from 1 over all attempts; `at` is exact to about a second."""

    number: int
    at: datetime
    attempt: int
    level: logs.Level
    text: str


class LogGap(Response):
    """The lines after line `after` that were dropped because the log reached its size limit."""

    after: int
    lines: int
    size_bytes: int


class Log(Response):
    """Lines of a log, oldest first."""

    lines: list[LogLine]
    last: int = Field(description="The number of the newest line.")
    first_error: int | None = Field(description="The number of the first line with level error.")
    gap: LogGap | None


@router.get(
    "/log",
    operation_id="get_log",
    response_model=Log,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **responses(404, 422)},
)
def get_log(
    run_id: UUID,
    service: Here,
    tail: Annotated[int, Query(ge=1, le=10_000, description="The maximum number of lines.")] = 200,
    after: After | None = None,
    search: Annotated[ShortText | None, Query(description="Only lines that contain this text, ignoring case.")] = None,
    whole: Annotated[bool, Query(description="The whole log as a text file.")] = False,
) -> Log | StreamingResponse:
    """The last lines; with `after` or `search`, the first matching lines.

    To follow a growing log, pass the last line's number as `after` whenever the event stream reports that it grew.
    """
    with service.database.transaction() as session:
        verbs.get(session, run_id)
        if not whole:
            lines = _lines(session, run_id, tail, after, search)
            return _log(logs.about(session, run_id), lines)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.log"'}
    return StreamingResponse(_whole(service, run_id), 200, headers, "text/plain; charset=utf-8")


def _lines(session: Session, run_id: UUID, most: int, after: int | None, search: str | None) -> list[logs.LogLine]:
    if search is not None:
        return logs.search(session, run_id, search, after or 0, most)
    if after is not None:
        return logs.read(session, run_id, after, most)
    return logs.tail(session, run_id, most)


def _log(about: models.Log, lines: list[logs.LogLine]) -> Log:
    gap = None
    if about.left_out_lines:
        gap = LogGap(after=about.head_lines, lines=about.left_out_lines, size_bytes=about.left_out_bytes)
    return Log(
        lines=[LogLine.model_validate(line) for line in lines],
        last=about.lines,
        first_error=about.first_error,
        gap=gap,
    )


def _whole(service: Service, run_id: UUID) -> Iterator[str]:
    """Reads part by part, so that a slow client doesn't hold a database connection."""
    after = 0
    while True:
        with service.database.transaction() as session:
            text, last = logs.part(session, run_id, after)
        if last == after:
            return
        yield text
        after = last
