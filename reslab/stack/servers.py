"""One server for the length of a `with`, for tests and one-off tools."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reslab.stack.child import Child, Service
from reslab.stack.home import free_port
from reslab.stack.postgres import Postgres
from reslab.stack.valkey import Valkey


@contextmanager
def postgres_server(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Yield the SQLAlchemy URL (superuser, scram) of a new PostgreSQL, whose data and log are in `folder`.

    Unless `durable`, a power cut loses its data (fsync off). Call it in the main thread; it takes about half a second.
    Raises ChildError with the server's log.
    """
    server = Postgres(
        data=folder / "postgres",
        log=folder / "postgres.log",
        port=free_port(),
        password=secrets.token_urlsafe(16),
        durable=durable,
    )
    server.prepare()
    with running(server.service()):
        yield server.url


@contextmanager
def valkey_server(folder: Path) -> Iterator[str]:
    """Yield the redis:// URL of a new Valkey, whose log is in `folder`. Call it in the main thread."""
    server = Valkey(log=folder / "valkey.log", port=free_port(), password=secrets.token_urlsafe(16))
    with running(server.service()):
        yield server.url


@contextmanager
def running(service: Service) -> Iterator[None]:
    child = Child(service)
    try:
        child.send_stdin()
        child.wait_until_ready()
        yield
    finally:
        child.stop()


def main() -> None:
    """`python -m reslab.stack.servers COMMAND …`: run a command with temporary servers in its environment."""
    with (
        tempfile.TemporaryDirectory(prefix="reslab-") as folder,
        postgres_server(Path(folder)) as database_url,
        valkey_server(Path(folder)) as broker_url,
    ):
        environment = os.environ | {"RESLAB_DATABASE_URL": database_url, "RESLAB_BROKER_URL": broker_url}
        done = subprocess.run(sys.argv[1:], env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
