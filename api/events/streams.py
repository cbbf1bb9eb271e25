"""The open event streams: their messages, and how long each stream may last."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from store.db.database import Database
from store.db.threads import run_to_end
from store.people import keys
from store.people.rights import Caller

log = structlog.get_logger()
OPEN = b": open\n\n"  # so that a browser knows at once that the stream is open
STILL_HERE = b": still here\n\n"


def message(kind: str, data: bytes, position: object = None) -> bytes:
    """A server-sent event; `data` is JSON in one line, `position` its id."""
    named = b"" if position is None else f"id: {position}\n".encode()
    return named + b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


@dataclass(frozen=True)
class StreamLimits:
    """How many streams may be open at once."""

    of_person: int
    of_all: int


class Streams:
    """All open streams and their callers. Lives in one event loop."""

    def __init__(self, database: Database, check_s: float, limits: StreamLimits) -> None:
        self._database, self._check_s, self._limits = database, check_s, limits
        self._open: dict[asyncio.Timeout, Caller] = {}
        self._closing = False

    def refusal(self, caller: Caller) -> str | None:
        """Why this caller gets no other stream now, in words; None if there is room."""
        own = sum(other.owner == caller.owner for other in self._open.values())
        if own >= self._limits.of_person:
            return f"You have {own} open event streams, and a person may have {self._limits.of_person}. Close some."
        if len(self._open) >= self._limits.of_all:
            return f"{len(self._open)} event streams are open, which is all that the service has. Try again later."
        return None

    @contextmanager
    def open(self, caller: Caller, limit: asyncio.Timeout) -> Iterator[None]:
        """Lasts until the client disconnects, the caller's key or session ends, or the service stops."""
        self._open[limit] = caller
        if self._closing:
            end(limit)
        try:
            yield
        finally:
            del self._open[limit]

    async def watch(self) -> None:
        """Ends the streams of revoked keys and closed sessions. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(self._check_s)
            callers = set(self._open.values())
            try:
                valid = await run_to_end(self._valid, callers) if callers else set()
            except DBAPIError as error:
                log.warning("cannot check which keys are valid; will try again", error=str(error.orig))
                continue
            for limit, caller in self._open.items():
                if caller in callers - valid:
                    end(limit)

    def close(self) -> None:
        """Ends all streams, so that an open browser doesn't delay the shutdown."""
        self._closing = True
        for limit in self._open:
            end(limit)

    def _valid(self, callers: set[Caller]) -> set[Caller]:
        with self._database.transaction() as session:
            return keys.still_valid(session, callers)


def end(limit: asyncio.Timeout) -> None:
    """Ends the stream now, wherever it waits."""
    with suppress(RuntimeError):  # it is ending already
        limit.reschedule(asyncio.get_running_loop().time())
