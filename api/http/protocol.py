"""What uvicorn lacks: of several requests that a client has sent ahead, only the newest learns that it left.

The stream that was being answered went on without an end, and ended in a traceback.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """Also tells the request that is being answered."""

    _answered: Any = None  # uvicorn's RequestResponseCycle, whose module doesn't export it

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)
