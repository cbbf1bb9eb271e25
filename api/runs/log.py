"""A run's log over HTTP: its tail, what came after a line, what contains a text, and the whole as a file."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from api.http.problems import responses
from api.runs.schema import LeftOut, Log, LogLine
from api.service import Here, Service
from store import logs
from store.db import models
from store.db.text import ShortText
from store.runs import verbs

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["files"])

LAST_LINE = 2**31 - 2
After = Annotated[int, Query(ge=0, le=LAST_LINE, description="Lines whose number is above this one.")]


@router.get(
    "/log",
    operation_id="get_log",
    response_model=Log,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **responses(404, 422)},
)
def get_log(
    run_id: UUID,
    service: Here,
    tail: Annotated[int, Query(ge=1, le=10_000, description="The most lines that are wanted.")] = 200,
    after: After | None = None,
    search: Annotated[ShortText | None, Query(description="Only lines that contain it, whatever their case.")] = None,
    whole: Annotated[bool, Query(description="All that is kept, as a text file.")] = False,
) -> Log | StreamingResponse:
    """The last lines; or, with `after` or `search`, the first ones above it.

    A log that grows is followed by asking with `after` the number of the last line seen: the stream of news says when.
    """
    with service.database.transaction() as session:
        verbs.get(session, run_id)
        if not whole:
            found = _found(session, run_id, tail, after, search)
            return _log(logs.about(session, run_id), found)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.log"'}
    return StreamingResponse(_whole(service, run_id), 200, headers, "text/plain; charset=utf-8")


def _found(session: Session, run_id: UUID, most: int, after: int | None, search: str | None) -> list[logs.LogLine]:
    if search is not None:
        return logs.search(session, run_id, search, after or 0, most)
    if after is not None:
        return logs.read(session, run_id, after, most)
    return logs.tail(session, run_id, most)


def _log(about: models.Log, lines: list[logs.LogLine]) -> Log:
    left_out = None
    if about.left_out_lines:
        left_out = LeftOut(after=about.head_lines, lines=about.left_out_lines, size_bytes=about.left_out_bytes)
    return Log(
        lines=[LogLine.model_validate(line) for line in lines],
        last=about.lines,
        first_error=about.first_error,
        left_out=left_out,
    )


def _whole(service: Service, run_id: UUID) -> Iterator[str]:
    """A part at a time: a slow reader must not hold a connection to the database."""
    after = 0
    while True:
        with service.database.transaction() as session:
            text, last = logs.part(session, run_id, after)
        if last == after:
            return
        yield text
        after = last
