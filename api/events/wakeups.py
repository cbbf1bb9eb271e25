"""One LISTEN connection for all open event streams. It only wakes them; the events are read from the tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
import structlog
from psycopg import sql

from store.db.database import listening

log = structlog.get_logger()
RECONNECT_S = 1.0
# uvloop says nothing of a socket that fails, as after a cut.
CHECK_S = 1.0


async def wake_ups(database_url: str, *channels: str) -> AsyncIterator[psycopg.Notify | None]:
    """The channels' notifications, without end. None after each connect: notifications may have been missed before."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(listening(database_url), autocommit=True) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield None
                async for notification in _received(connection):
                    yield notification
        except psycopg.OperationalError as error:
            log.warning("lost the connection to the database; will try again", error=str(error))
        await asyncio.sleep(RECONNECT_S)


async def _received(connection: psycopg.AsyncConnection) -> AsyncIterator[psycopg.Notify]:
    """As `connection.notifies()`, which would wake ten times a second. Raises psycopg.OperationalError if cut off."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    while True:
        async for notification in connection.notifies(timeout=0):
            yield notification
        readable.clear()
        loop.add_reader(connection.fileno(), readable.set)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(readable.wait(), CHECK_S)
        finally:
            loop.remove_reader(connection.fileno())
