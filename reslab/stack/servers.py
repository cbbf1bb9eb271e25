"""A server by itself for as long as a `with` lasts: what tests and one-off tools need of the stack."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reslab.stack.child import Child, Service
from reslab.stack.home import free_port
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
    with _running(server.service()):
        yield server.url


@contextmanager
def valkey_server(folder: Path) -> Iterator[str]:
    """Yield the redis:// URL of a Valkey of its own, its log in `folder`. Call from the main thread."""
    server = Valkey(log=folder / "valkey.log", port=free_port(), password=secrets.token_urlsafe(16))
    with _running(server.service()):
        yield server.url


@contextmanager
def _running(service: Service) -> Iterator[None]:
    child = Child(service)
    try:
        child.tell()
        child.wait_until_ready()
        yield
    finally:
        child.stop()
