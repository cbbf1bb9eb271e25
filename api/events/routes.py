"""A run's events: a JSON page after a cursor, or a stream of server-sent events."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.events.feed import EncodedEvent, Watcher
from api.events.live import Live
from api.events.schema import Event, Events
from api.events.streams import OPEN, STILL_HERE, message
from api.http.problems import responses
from api.service import Here, Service
from store import history
from store.db import models
from store.db.errors import NotFound
from store.runs import verbs

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

LAST_SEQ = 2**63 - 1
# A stream that falls further behind than this gets a `reread` message and continues from the newest event.
FARTHEST_BEHIND = 2000
_PAGE = 500
Kind = Annotated[str, Query(pattern="^[a-z_]{1,40}$")]
Seq = Annotated[int, Query(ge=0, le=LAST_SEQ, description="Only events after this `seq`.")]


@router.get(
    "/{run_id}/events",
    operation_id="list_events",
    response_model=Events,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **responses(404, 422)},
)
def list_events(
    run_id: UUID,
    service: Here,
    live: Live,
    after: Seq = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = _PAGE,
    kind: Annotated[
        list[Kind],
        Query(max_length=30, description="In a page: only these kinds; repeatable."),
    ] = [],  # noqa: B006
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=LAST_SEQ)] = None,
) -> Events | Response:
    """With `Accept: text/event-stream`, a stream: a message's id is the event's `seq`, and `Last-Event-ID` resumes it.

    A message `reread` means that the events between the last id and its own were skipped, because the client fell too
    far behind or its cursor was ahead of the run. `deleted` is the last message of a deleted run.
    """
    if live:
        _page(service, run_id, 0, 1)  # so that an unknown run is a 404 and not a stream
        start = after if last_event_id is None else last_event_id
        return live(_Reader(service, run_id, start).messages())
    rows, last_seq = _page(service, run_id, after, limit, kind)
    return Events(items=[Event.model_validate(row) for row in rows], last_seq=last_seq)


class _Reader:
    """One stream: from the table while it is behind, then from the feed. `_after` is the last `seq` it has sent."""

    def __init__(self, service: Service, run_id: UUID, after: int) -> None:
        self._service, self._run_id, self._after = service, run_id, after

    async def messages(self) -> AsyncGenerator[bytes]:
        yield OPEN
        was_live = False
        async with self._service.feed.watch({self._run_id}) as watcher:
            while True:
                watcher.restart()
                try:
                    async for content in self._catch_up(was_live):
                        yield content
                except NotFound:
                    yield message("deleted", b"{}")
                    return
                was_live = True
                async for content in self._live(watcher):
                    yield content

    async def _catch_up(self, was_live: bool) -> AsyncGenerator[bytes]:
        """The table's events page by page, or a `reread` if they are too many. Raises NotFound."""
        while True:
            rows, last_seq = await run_in_threadpool(_page, self._service, self._run_id, self._after, _PAGE)
            if self._after > last_seq or (was_live and last_seq - self._after > FARTHEST_BEHIND):
                self._after = last_seq
                yield message("reread", b"{}", last_seq)
            elif rows:
                self._after = rows[-1].seq
                yield b"".join(EncodedEvent.of(row).message for row in rows)
            if self._after >= last_seq:
                return

    async def _live(self, watcher: Watcher) -> AsyncGenerator[bytes]:
        """The feed's events, until one is missing."""
        while (batch := await watcher.events()) is not None:
            logged, deleted = watcher.take_changes()
            events = [event for event in batch if event.seq > self._after]
            if deleted or (events and events[0].seq != self._after + 1):
                return
            if events:
                self._after = events[-1].seq
                yield b"".join(event.message for event in events)
            elif not logged:
                yield STILL_HERE


def _page(
    service: Service, run_id: UUID, after: int, limit: int, kinds: Sequence[str] = ()
) -> tuple[list[models.Event], int]:
    """The rows and the run's newest seq. Raises NotFound."""
    with service.database.transaction() as session:
        last_seq = verbs.get(session, run_id).last_seq
        return history.page(session, run_id, after, limit, kinds), last_seq
