"""One LISTEN connection for all open event streams: it only wakes; what happened is read from the tables."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import psycopg
import structlog
from psycopg import sql

from store.db.database import libpq

log = structlog.get_logger()
RECONNECT_S = 1.0


async def wake_ups(database_url: str, *channels: str) -> AsyncIterator[psycopg.Notify | None]:
    """What is called on the channels, without end. None at every connection: a call may have been missed before it."""
    while True:
        try:
            async with await _connect(libpq(database_url)) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield None
                async for heard in connection.notifies():
                    yield heard
        except psycopg.OperationalError as error:
            log.warning("no longer hears the database; tries again", error=str(error))
        await asyncio.sleep(RECONNECT_S)


def _connect(url: str) -> Awaitable[psycopg.AsyncConnection]:
    # A cut connection must be noticed: a listener that hears nothing looks like a quiet evening.
    return psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=5, keepalives_idle=5, keepalives_interval=2, keepalives_count=3
    )
