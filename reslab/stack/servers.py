"""A server by itself for as long as a `with` lasts: what tests and one-off tools need of the stack."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reslab.stack.child import Child
from reslab.stack.postgres import Postgres
from reslab.stack.valkey import Valkey


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Yield the SQLAlchemy URL (superuser, scram) of a PostgreSQL of its own, its data and log in `folder`.

    It forgets on a power cut (fsync off). Call from the main thread; takes about half a second.
    Raises ChildError with the server's log.
    """
    server = Postgres(
        data=folder / "postgres",
        log=folder / "postgres.log",
        port=free_port(),
        password=secrets.token_urlsafe(16),
        durable=False,
    )
    server.prepare()
    child = Child(server.service())
    try:
        child.wait_until_ready()
        yield server.url
    finally:
        child.stop()


@contextmanager
def valkey_server(folder: Path) -> Iterator[str]:
    """Yield the redis:// URL of a Valkey of its own, its log in `folder`. Call from the main thread."""
    server = Valkey(log=folder / "valkey.log", port=free_port(), password=secrets.token_urlsafe(16))
    child = Child(server.service())
    try:
        child.wait_until_ready()
        yield server.url
    finally:
        child.stop()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
