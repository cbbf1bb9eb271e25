"""One LISTEN connection for all open event streams: it only wakes; what happened is read from the table."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import structlog

from store.database import RUN_CHANGED, libpq

log = structlog.get_logger()
RECONNECT_S = 1.0


class WakeUps:
    """Wakes whoever watches a run when it changes. Lives in one event loop."""

    def __init__(self, database_url: str) -> None:
        self._url = libpq(database_url)
        self._watchers: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self.closing = False

    @contextmanager
    def watch(self, run_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set at every change of the run; the watcher clears it before it reads."""
        changed = asyncio.Event()
        self._watchers[run_id].add(changed)
        try:
            yield changed
        finally:
            self._watchers[run_id].discard(changed)
            if not self._watchers[run_id]:
                del self._watchers[run_id]

    async def listen(self) -> None:
        """Runs until it is cancelled. After a cut everybody is woken: a call may have been missed."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(RUN_CHANGED)))
                    self._wake_all()
                    async for heard in connection.notifies():
                        self._wake(UUID(heard.payload))
            except psycopg.OperationalError as error:
                log.warning("no longer hears the database; tries again", error=str(error))
            await asyncio.sleep(RECONNECT_S)

    def _connect(self) -> Awaitable[psycopg.AsyncConnection]:
        # A cut connection must be noticed: a listener that hears nothing looks like a quiet evening.
        return psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
        )

    def close(self) -> None:
        """Ends every open stream: a browser's must not hold the process back when it stops."""
        self.closing = True
        self._wake_all()

    def _wake(self, run_id: UUID) -> None:
        for changed in self._watchers.get(run_id, ()):
            changed.set()

    def _wake_all(self) -> None:
        for run_id in self._watchers:
            self._wake(run_id)
