"""The events of many runs, or of all, as one stream from any position."""

from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.events.feed import MOST
from api.events.live import Live
from api.events.schema import News, RunEvent
from api.events.streams import OPEN, message
from api.http.access import Present
from api.http.problems import responses
from api.service import Here, Service
from store import history
from store.db.errors import Refused
from store.db.models import Run
from store.db.position import Position
from store.people import rights
from store.people.rights import Caller, may

router = APIRouter(prefix="/api/v1", tags=["runs"])

MOST_RUNS = 200
After = Annotated[str, Query(max_length=4000, description="A position; only later events are returned.")]


@router.get(
    "/events",
    operation_id="list_news",
    response_model=News,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **responses(422)},
)
def list_news(
    service: Here,
    live: Live,
    caller: Present,
    run: Annotated[list[UUID], Query(max_length=MOST_RUNS, description="Only these runs. Default: all.")] = [],  # noqa: B006
    after: After | None = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=4000)] = None,
) -> News | Response:
    """The events after a position, at most 1,000; without a position, no events and the current position.

    With `Accept: text/event-stream`, a stream of messages `news`. A message's id is the position after its events, so
    that `Last-Event-ID` resumes without gaps or repeats. The first message comes at once. The runs need not exist yet.
    """
    text = after if last_event_id is None else last_event_id
    try:
        start = None if text is None else Position.parse(text)
    except ValueError as error:
        message = "after must be a position copied from a response or a message's id, such as 795:799:795,797."
        raise Refused("after", message) from error
    if live:
        return live(_Reader(service, caller, frozenset(run), start).messages())
    return _since(service, caller, frozenset(run), start)[1]


class _Reader:
    """One stream of many runs. `_position` is the end of what it has sent, or where it started."""

    def __init__(self, service: Service, caller: Caller, runs: frozenset[UUID], start: Position | None) -> None:
        self._service, self._caller, self._runs, self._position = service, caller, runs, start

    async def messages(self) -> AsyncGenerator[bytes]:
        yield OPEN
        async with self._service.feed.watch(self._runs) as watcher:
            while True:
                watcher.restart()
                read, news = await run_in_threadpool(_since, self._service, self._caller, self._runs, self._position)
                self._position = read
                yield message("news", news.model_dump_json().encode(), read)
                while (batch := await watcher.events()) is not None:
                    new = (event for event in batch if not read.has(event.transaction))
                    events = [event.item for event in new if may(self._caller, "read", event.place)]
                    yield self._message(events, *watcher.take_changes())

    def _message(self, events: list[bytes], logged: list[UUID], deleted: list[UUID]) -> bytes:
        # The feed may still be behind what was read from the table.
        reached = self._service.feed.reached
        if self._position is None or reached.is_after(self._position):
            self._position = reached
        if not (events or logged or deleted):
            return message("heartbeat", b"{}", self._position)
        news = News(position=str(self._position), reread=False, logged=logged, deleted=deleted)
        # The events are already encoded, once for all streams.
        envelope = news.model_dump_json(exclude={"events"}).encode()
        return message("news", envelope[:-1] + b',"events":[' + b",".join(events) + b"]}", self._position)


def _since(service: Service, caller: Caller, runs: frozenset[UUID], start: Position | None) -> tuple[Position, News]:
    readable = None if caller.is_administrator else rights.readable(caller, Run.project)
    with service.database.transaction() as session:
        news = history.since(session, start, runs, MOST, readable)
        events = [RunEvent.model_validate(row) for row in news.events or ()]
        return news.position, News(position=str(news.position), reread=news.events is None, events=events)
