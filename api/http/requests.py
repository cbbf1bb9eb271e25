"""Records every request: a line in the log, and its duration for Prometheus."""

import time

import structlog
from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()
BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Requests:
    """The requests to this process, by route and not by path: there are as many paths as runs."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._durations = Histogram(
            "reslab_request_duration_seconds",
            "Seconds until the response's first byte.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=BUCKETS_S,
        )

    def observe(self, scope: Scope, status: int, duration_s: float) -> None:
        route = getattr(scope.get("route"), "path", "static")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._durations.labels(method, route, str(status)).observe(duration_s)
        # Without the query, which may contain a login token.
        log.info("request", method=scope["method"], path=scope["path"], status=status, ms=round(duration_s * 1000, 1))


METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class Observed:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._requests.observe(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, observe)
