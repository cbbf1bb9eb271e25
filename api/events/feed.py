"""What is new in the tables: read once for all open streams of this process, told to each through a bounded buffer."""

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

log = structlog.get_logger()

# Two reads are at least this far apart: what happens meanwhile is read and sent in one go.
PACE_S = 0.1
RETRY_S = 1.0
# The most of one read, and the most that waits for one stream. Who is further behind goes to the table again.
MOST = 1000
# Proxies cut what is silent for a minute or even half of one.
HEARTBEAT_S = 15.0


@dataclass(frozen=True)
class Told:
    """An event, encoded once for all who hear it: a message of its run's stream, and an item of many runs' news."""

    run_id: UUID
    seq: int
    transaction: int
    message: bytes
    item: bytes

    @classmethod
    def of(cls, row: models.Event) -> "Told":
        sent = message(row.kind, Event.model_validate(row).model_dump_json().encode(), row.seq)
        item = RunEvent.model_validate(row).model_dump_json().encode()
        return cls(row.run_id, row.seq, row.transaction, sent, item)


class Watcher:
    """One stream's share of the feed, as much as is kept for one."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._events: list[Told] = []
        self._logged: set[UUID] = set()
        self._deleted: list[UUID] = []
        self._is_behind = False

    async def events(self) -> list[Told] | None:
        """What came since the last call, as soon as anything did; empty at a heartbeat.

        None where something was missed, or was too much to keep: the table has it. Then `restart` comes first.
        """
        await self._changed.wait()
        self._changed.clear()
        if self._is_behind:
            return None
        events, self._events = self._events, []
        return events

    def take_signs(self) -> tuple[list[UUID], list[UUID]]:
        """The runs whose log has grown since the last call, and those that were deleted."""
        logged, deleted = sorted(self._logged), self._deleted
        self._logged, self._deleted = set(), []
        return logged, deleted

    def restart(self) -> None:
        """Before the table is read: from here on everything is kept again."""
        self._events, self._is_behind = [], False

    def tell(self, events: list[Told]) -> None:
        self._events += events
        if len(self._events) > MOST:
            self.fall_behind()
        self._changed.set()

    def tell_logged(self, run_id: UUID) -> None:
        self._logged.add(run_id)
        self._changed.set()

    def tell_deleted(self, run_id: UUID) -> None:
        self._deleted.append(run_id)
        self._changed.set()

    def fall_behind(self) -> None:
        self._events, self._is_behind = [], True
        self._changed.set()

    def wake(self) -> None:
        self._changed.set()


class Feed:
    """Lives in one event loop. `reached` is how far it has told."""

    def __init__(self, database_url: str) -> None:
        # A connection and a thread of its own: a thousand readers who come back at once must not hold up the news.
        self._database = Database(database_url, pool_size=1)
        self._watchers: defaultdict[UUID | None, set[Watcher]] = defaultdict(set)
        self._heard, self._ready = asyncio.Event(), asyncio.Event()
        self._logged: set[UUID] = set()
        self._reached: Position | None = None

    @property
    def reached(self) -> Position:
        """Everything up to here has been told to the watchers that there are."""
        assert self._reached is not None  # noqa: S101 (who watches has waited for it)
        return self._reached

    @asynccontextmanager
    async def watch(self, runs: Collection[UUID]) -> AsyncIterator[Watcher]:
        """A watcher of these runs; of all where there are none. Whatever the table does not hold yet will be told."""
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
        """Until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._follow())
                tasks.create_task(self._beat())
        finally:
            self._database.close()

    async def _listen(self) -> None:
        async for heard in wake_ups(self._database.url, RUN_CHANGED, RUN_DELETED, LOG_CHANGED):
            if heard is None:
                self._each(Watcher.fall_behind)
            elif heard.channel == RUN_DELETED:
                self._delete(UUID(heard.payload))
            elif heard.channel == LOG_CHANGED:
                self._logged.add(UUID(heard.payload))
            self._heard.set()

    async def _follow(self) -> None:
        while True:
            await self._heard.wait()
            self._heard.clear()
            try:
                position, told = await run_to_end(self._read)
            except DBAPIError as error:
                log.warning("cannot read what is new; tries again", error=str(error.orig))
                self._heard.set()
                await asyncio.sleep(RETRY_S)
                continue
            # One step of the loop: whoever wakes finds all that lies before the position.
            self._tell(told)
            self._reached = position
            self._ready.set()
            await asyncio.sleep(PACE_S)

    def _read(self) -> tuple[Position, list[Told] | None]:
        with self._database.transaction() as session:
            news = history.since(session, self._reached, (), MOST)
            return news.position, None if news.events is None else [Told.of(row) for row in news.events]

    def _tell(self, told: list[Told] | None) -> None:
        logged, self._logged = self._logged, set()
        for run_id in logged:
            for watcher in self._watchers.get(run_id, ()):
                watcher.tell_logged(run_id)
        if told is None:
            self._each(Watcher.fall_behind)
            return
        by_run: defaultdict[UUID | None, list[Told]] = defaultdict(list)
        for event in told:
            by_run[event.run_id].append(event)
            by_run[None].append(event)
        for key, events in by_run.items():
            for watcher in self._watchers.get(key, ()):
                watcher.tell(events)

    def _delete(self, run_id: UUID) -> None:
        for watcher in (*self._watchers.get(run_id, ()), *self._watchers.get(None, ())):
            watcher.tell_deleted(run_id)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._each(Watcher.wake)

    def _each(self, act: Callable[[Watcher], None]) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                act(watcher)
