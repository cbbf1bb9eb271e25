"""`python -m api [--host H] [--port N]` serves; `python -m api openapi` prints the document."""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import socket
from types import FrameType

import structlog
import uvicorn

from api.app import create_app
from api.http.protocol import ConnectionLimits, protocol
from api.rehearsal import rehearse
from api.service import Service
from store.db.revision import NewerTables, refuse_newer
from store.db.settings import Settings
from trainer.box.privileges import hide

# Event streams are ended at once; other requests have this long to finish.
GRACE_S = 5
TICK_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m api")
    parser.add_argument("verb", nargs="?", choices=["serve", "openapi"], default="serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    arguments = parser.parse_args()
    if arguments.verb == "openapi":
        print_openapi()
    else:
        serve(arguments.host, arguments.port)


def print_openapi() -> None:
    """Prints the OpenAPI document. Needs no database: nothing connects before the application starts.

    Without a version: openapi.json belongs to a commit, and its version isn't known before the commit has a tag.
    """
    settings = Settings(database_url="postgresql://unused", storage_url="memory:///")
    document = create_app(settings).openapi()
    document["info"]["version"] = "unreleased"
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def serve(host: str, port: int) -> None:
    _log_to_stderr()
    hide()  # a trainer of the same user must not read the database's password
    settings = Settings()
    try:
        refuse_newer(settings.database_url)
    except NewerTables as error:
        sys.exit(str(error))
    app = create_app(settings)
    # Starlette keeps a large upload in a temporary file, which must not fill a /tmp in memory.
    tempfile.tempdir = str(app.state.service.objects.aside)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol(ConnectionLimits(settings.connections, settings.header_s, settings.body_s)),
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    rehearse(app.state.service)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again after the shutdown
        Server(config, app.state.service).run()


class Server(uvicorn.Server):
    """Ends the event streams first: uvicorn waits for open responses before it shuts the application down. While idle,
    it wakes once a second, for the header `Date`, and not ten times."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._exit: Callable[[], object] = lambda: None

    async def main_loop(self) -> None:
        loop, leaving = asyncio.get_running_loop(), asyncio.Event()
        self._exit = partial(loop.call_soon_threadsafe, leaving.set)
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(leaving.wait(), TICK_S)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._exit()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._service.streams.close()
        await super().shutdown(sockets)


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
