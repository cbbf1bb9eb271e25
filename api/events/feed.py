"""New events, read once for all open streams of this process and passed to each through a bounded buffer."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from api.events.schema import Event, RunEvent
from api.events.streams import message
from api.events.wakeups import wake_ups
from store import history
from store.db import models
from store.db.database import LOG_CHANGED, RUN_CHANGED, RUN_DELETED, Database
from store.db.position import Position
from store.db.threads import run_to_end
from store.people.rights import Place

log = structlog.get_logger()

# The minimum time between two reads: events in between are read and sent together.
PACE_S = 0.1
RETRY_S = 1.0
# The most events per read and per buffer. A stream that falls further behind reads the table again.
MOST = 1000
# Proxies close connections that are silent for 30 to 60 seconds.
HEARTBEAT_S = 15.0


@dataclass(frozen=True)
class EncodedEvent:
    """An event, encoded once for all streams: a message for its run's stream, an item for the news of many runs."""

    run_id: UUID
    seq: int
    transaction: int
    place: Place  # the run's, which decides who sees it
    message: bytes
    item: bytes

    @classmethod
    def of(cls, row: models.Event, project: str = "") -> "EncodedEvent":
        sent = message(row.kind, Event.model_validate(row).model_dump_json().encode(), row.seq)
        item = RunEvent.model_validate(row).model_dump_json().encode()
        return cls(row.run_id, row.seq, row.transaction, Place(project), sent, item)


class Watcher:
    """One stream's buffer of the feed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._events: list[EncodedEvent] = []
        self._logged: set[UUID] = set()
        self._deleted: list[UUID] = []
        self._is_behind = False

    async def events(self) -> list[EncodedEvent] | None:
        """Waits for new events and returns them; an empty list is a heartbeat.

        None if events were missed or the buffer overflowed. Then call `restart` and read the table.
        """
        await self._changed.wait()
        self._changed.clear()
        if self._is_behind:
            return None
        events, self._events = self._events, []
        return events

    def take_changes(self) -> tuple[list[UUID], list[UUID]]:
        """The runs whose log has grown since the last call, and those that were deleted."""
        logged, deleted = sorted(self._logged), self._deleted
        self._logged, self._deleted = set(), []
        return logged, deleted

    def restart(self) -> None:
        """Starts buffering again; call it before reading the table."""
        self._events, self._is_behind = [], False

    def add(self, events: list[EncodedEvent]) -> None:
        self._events += events
        if len(self._events) > MOST:
            self.fall_behind()
        self._changed.set()

    def add_logged(self, run_id: UUID) -> None:
        self._logged.add(run_id)
        self._changed.set()

    def add_deleted(self, run_id: UUID) -> None:
        self._deleted.append(run_id)
        self._changed.set()

    def fall_behind(self) -> None:
        self._events, self._is_behind = [], True
        self._changed.set()

    def wake(self) -> None:
        self._changed.set()


class Feed:
    """Reads new events and passes them to the watchers. Lives in one event loop."""

    def __init__(self, database_url: str) -> None:
        # Its own connection and thread: a thousand readers that reconnect at once must not delay the feed.
        self._database = Database(database_url, pool_size=1)
        self._watchers: defaultdict[UUID | None, set[Watcher]] = defaultdict(set)
        self._changed, self._ready = asyncio.Event(), asyncio.Event()
        self._logged: set[UUID] = set()
        self._reached: Position | None = None

    @property
    def reached(self) -> Position:
        """The position up to which the current watchers have been given every event."""
        assert self._reached is not None  # noqa: S101 (`watch` waits until it is set)
        return self._reached

    @asynccontextmanager
    async def watch(self, runs: Collection[UUID]) -> AsyncIterator[Watcher]:
        """A watcher of these runs, or of all runs if `runs` is empty. It gets every event after this call."""
        await self._ready.wait()
        watcher = Watcher()
        for run_id in runs or (None,):
            self._watchers[run_id].add(watcher)
        try:
            yield watcher
        finally:
            for run_id in runs or (None,):
                self._watchers[run_id].discard(watcher)
                if not self._watchers[run_id]:
                    del self._watchers[run_id]

    async def run(self) -> None:
        """Runs until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._follow())
                tasks.create_task(self._beat())
        finally:
            self._database.close()

    async def _listen(self) -> None:
        async for notification in wake_ups(self._database.url, RUN_CHANGED, RUN_DELETED, LOG_CHANGED):
            if notification is None:
                self._notify_all(Watcher.fall_behind)
            elif notification.channel == RUN_DELETED:
                self._delete(UUID(notification.payload))
            elif notification.channel == LOG_CHANGED:
                self._logged.add(UUID(notification.payload))
            self._changed.set()

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                position, events = await run_to_end(self._read)
            except DBAPIError as error:
                log.warning("cannot read new events; will try again", error=str(error.orig))
                self._changed.set()
                await asyncio.sleep(RETRY_S)
                continue
            # Without an await in between: a watcher that wakes has every event before the position.
            self._distribute(events)
            self._reached = position
            self._ready.set()
            await asyncio.sleep(PACE_S)

    def _read(self) -> tuple[Position, list[EncodedEvent] | None]:
        with self._database.transaction() as session:
            news = history.since(session, self._reached, (), MOST)
            projects = history.projects(session, news.events or ())
            if news.events is None:
                return news.position, None
            known = [row for row in news.events if row.run_id in projects]  # the others' runs were deleted since
            return news.position, [EncodedEvent.of(row, projects[row.run_id]) for row in known]

    def _distribute(self, events: list[EncodedEvent] | None) -> None:
        logged, self._logged = self._logged, set()
        for run_id in logged:
            for watcher in self._watchers.get(run_id, ()):
                watcher.add_logged(run_id)
        if events is None:
            self._notify_all(Watcher.fall_behind)
            return
        by_run: defaultdict[UUID | None, list[EncodedEvent]] = defaultdict(list)
        for event in events:
            by_run[event.run_id].append(event)
            by_run[None].append(event)
        for key, batch in by_run.items():
            for watcher in self._watchers.get(key, ()):
                watcher.add(batch)

    def _delete(self, run_id: UUID) -> None:
        for watcher in (*self._watchers.get(run_id, ()), *self._watchers.get(None, ())):
            watcher.add_deleted(run_id)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._notify_all(Watcher.wake)

    def _notify_all(self, act: Callable[[Watcher], None]) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                act(watcher)
