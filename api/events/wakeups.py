"""One LISTEN connection for all open event streams. It only wakes them; the events are read from the tables."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import structlog
from psycopg import sql

from store.db.database import listening

log = structlog.get_logger()
RECONNECT_S = 1.0


async def wake_ups(database_url: str, *channels: str) -> AsyncIterator[psycopg.Notify | None]:
    """The channels' notifications, without end. None after each connect: notifications may have been missed before."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(listening(database_url), autocommit=True) as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield None
                async for notification in connection.notifies():
                    yield notification
        except psycopg.OperationalError as error:
            log.warning("lost the connection to the database; will try again", error=str(error))
        await asyncio.sleep(RECONNECT_S)
