"""What uvicorn lacks: limits on a connection, and what becomes of requests that a client has sent ahead.

A client that sends nothing, or a byte now and then, would hold its connection as long as it likes. And of several
requests that a client has sent ahead, only the newest learned that it left: a stream that was being answered went on
without an end, and ended in a traceback.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Below this rate, after `body_s`, a body is not an upload on a slow line.
LEAST_BYTES_PER_S = 1024


@dataclass(frozen=True)
class ConnectionLimits:
    """`header_s`: for a request's head. `body_s`: between two parts of its body."""

    connections: int
    header_s: float
    body_s: float
    head_bytes: int = 64 * 1024


def protocol(limits: ConnectionLimits) -> type["Protocol"]:
    """uvicorn makes a protocol for each connection, and knows only its class."""
    return type("LimitedProtocol", (Protocol,), {"limits": limits})


class Protocol(HttpToolsProtocol):
    """One connection."""

    limits = ConnectionLimits(connections=1000, header_s=10, body_s=30)
    _answered: Any = None  # uvicorn's RequestResponseCycle, whose module doesn't export it
    _clock: asyncio.TimerHandle | None = None  # until the client must have sent more
    _head_bytes = _body_bytes = 0
    _body_began_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._await(self.limits.header_s)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        is_idle = self._answered is None or self._answered.response_complete
        if self._clock is None and is_idle:  # what came was no request
            self._await(self.limits.header_s)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = self._body_bytes = 0
        self._await(self.limits.header_s)

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._body_began_at = self.loop.time()
        self._await(self.limits.body_s)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body_bytes += len(body)
        allowed_s = self.limits.body_s + self._body_bytes / LEAST_BYTES_PER_S
        if self.loop.time() - self._body_began_at > allowed_s and not self.flow.read_paused:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._await(self.limits.body_s)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._stop_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _count_head(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > self.limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _await(self, seconds: float) -> None:
        """Expect more from the client within this time, instead of what was expected before."""
        self._stop_clock()
        self._clock = self.loop.call_later(seconds, self._give_up)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _give_up(self) -> None:
        if self.flow.read_paused:  # we do not read: the client is not to blame
            self._await(self.limits.body_s)
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Close the connection, with a status if no answer has begun."""
        self._stop_clock()
        if self.transport.is_closing():
            return
        if self._answered is None or self._answered.response_complete or not self._answered.response_started:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Length: 0\r\n"
            self.transport.write(f"{head}Retry-After: 5\r\n\r\n".encode())
        self.transport.close()
