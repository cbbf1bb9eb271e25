"""The response that carries an event stream, for a client that accepts one."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from starlette.types import Receive, Scope, Send

from api.events.streams import Streams, end
from api.http.access import Present
from api.service import Here
from store.people.rights import Caller

# How long the last bytes of an ended stream may take; a client that doesn't read them loses them.
GOODBYE_S = 1.0


class EventStream(Response):
    """Sends what `messages` yields. A client that doesn't read delays only its own stream."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, caller: Caller, messages: AsyncGenerator[bytes]) -> None:
        self._streams, self._caller, self._messages = streams, caller, messages
        self.status_code, self.background = 200, None
        self.init_headers({"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                with self._streams.open(self._caller, limit):
                    watching = asyncio.create_task(_end_on_disconnect(receive, limit))
                    try:
                        async for message in self._messages:
                            await send({"type": "http.response.body", "body": message, "more_body": True})
                    finally:
                        watching.cancel()
                        await self._messages.aclose()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_on_disconnect(receive: Receive, limit: asyncio.Timeout) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    end(limit)


async def _live(request: Request, service: Here, caller: Present) -> Callable[[AsyncGenerator[bytes]], Response] | None:
    if "text/event-stream" not in request.headers.get("accept", ""):
        return None
    if refusal := service.streams.refusal(caller):
        raise HTTPException(429, refusal, {"Retry-After": "30"})
    return partial(EventStream, service.streams, caller)


# Turns a stream's messages into a response; None if the client doesn't accept an event stream.
Live = Annotated[Callable[[AsyncGenerator[bytes]], Response] | None, Depends(_live)]
