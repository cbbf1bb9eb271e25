"""A run's events: a JSON page after a cursor, or the same rows as they come, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, format_sse_event

from api.problems import responses
from api.schema import Event, Events
from api.service import Here, Service
from store import history, runs
from store.errors import NotFound

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

# Proxies cut what is silent for a minute or even half of one.
HEARTBEAT_S = 15.0
LAST_SEQ = 2**63 - 1
Kind = Annotated[str, Query(pattern="^[a-z_]{1,40}$")]
Seq = Annotated[int, Query(ge=0, le=LAST_SEQ, description="Events after this one.")]


@router.get(
    "/{run_id}/events",
    operation_id="list_events",
    response_model=Events,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **responses(404, 422)},
)
def list_events(
    run_id: UUID,
    request: Request,
    service: Here,
    after: Seq = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    kind: Annotated[list[Kind], Query(max_length=30, description="Only these, in a page. Repeat it for several.")] = [],  # noqa: B006
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=LAST_SEQ)] = None,
) -> Events | EventSourceResponse:
    """With `Accept: text/event-stream`, events as they come: the id of each is its seq, and `Last-Event-ID` resumes."""
    if "text/event-stream" in request.headers.get("accept", ""):
        _read(service, run_id, 0, 1)  # an unknown run is a 404 and not a stream
        start = after if last_event_id is None else last_event_id
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return EventSourceResponse(_stream(service, run_id, start), headers=headers)
    return _read(service, run_id, after, limit, kind)


async def _stream(service: Service, run_id: UUID, after: int) -> AsyncIterator[bytes]:
    """Until the reader leaves, the run is deleted or the service stops."""
    yield format_sse_event(comment="open")  # so that a browser knows at once that it is heard
    with service.wakeups.watch(run_id) as changed:
        while not service.wakeups.closing:
            changed.clear()  # before reading: a change in between is then seen in the next round
            try:
                page = await run_in_threadpool(_read, service, run_id, after)
            except NotFound:
                yield format_sse_event(event="deleted", data_str="{}")
                return
            for event in page.items:
                yield format_sse_event(data_str=event.model_dump_json(), event=event.kind, id=str(event.seq))
                after = event.seq
            if after < page.last_seq:
                continue
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield format_sse_event(comment="still here")


def _read(service: Service, run_id: UUID, after: int, limit: int = 500, kinds: Sequence[str] = ()) -> Events:
    with service.database.transaction() as session:
        run = runs.get(session, run_id)
        items = [Event.model_validate(row) for row in history.page(session, run_id, after, limit, kinds)]
        return Events(items=items, last_seq=run.last_seq)
