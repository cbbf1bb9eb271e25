"""The folder that holds a local service: who runs it (lock), what it keeps (secrets, ports), what is up (state)."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

# Those that reach the database (store/db/roles.py, which would load too much for a start that is measured).
PROCESSES = ("api", "control", "worker")


class HomeTakenError(Exception):
    """Another supervisor serves this home; the message says which process and at what URL."""


@dataclass(frozen=True)
class Ports:
    """Of 127.0.0.1."""

    api: int
    postgres: int
    valkey: int


@dataclass(frozen=True)
class Kept:
    """Made once a home and the same at every start."""

    token: str  # the first API key: 256 random bits behind the prefix of store.keys.new_token
    postgres_password: str
    role_passwords: dict[str, str]  # of each process's own role
    valkey_password: str
    ports: Ports


class Home:
    """`root` and everything below it. Made with mode 0700 if there is none."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        for folder in (self.root, self.logs, self.data, self.work, self.objects):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def data(self) -> Path:
        """Data sets."""
        return self.root / "data"

    @property
    def work(self) -> Path:
        """The trainers' working folders."""
        return self.root / "work"

    @property
    def signing_key(self) -> Path:
        """What certificates of studies are signed with; the api makes it."""
        return self.root / "signing.key"

    @property
    def objects(self) -> Path:
        """The object store: checkpoints, weights, uploads."""
        return self.root / "objects"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def _state(self) -> Path:
        return self.root / "state.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the home against a second start. The kernel lets go when we end, however we end.

        Raises HomeTakenError.
        """
        with (self.root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HomeTakenError(self._holder(lock.name)) from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            self._state.unlink(missing_ok=True)  # of a supervisor that was killed
            yield

    def _holder(self, lock: str) -> str:
        pid = Path(lock).read_text() or "?"
        try:
            url = json.loads(self._state.read_text())["url"]
        except (FileNotFoundError, ValueError):
            return f"{self.root} is held by process {pid}, which is starting or stopping"
        return f"{self.root} is held by process {pid}, which serves {url}"

    def log(self, name: str) -> Path:
        """The log file of a service; the one of the start before is kept beside it."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def kept(self, wanted_api_port: int | None = None) -> Kept:
        """What earlier starts made, with a new port in place of one that somebody else has taken since.

        Raises OSError if `wanted_api_port` is taken.
        """
        file = self.root / "secrets.json"
        before = json.loads(file.read_text()) if file.exists() else {}
        if not before and self.postgres.exists():
            raise RuntimeError(f"{self.postgres} exists but {file}, which holds its password, does not")
        ports = before.get("ports", {})
        kept = Kept(
            token=before.get("token") or "rsl_" + secrets.token_urlsafe(32),
            postgres_password=before.get("postgres_password") or secrets.token_urlsafe(16),
            role_passwords={process: secrets.token_urlsafe(16) for process in PROCESSES}
            | before.get("role_passwords", {}),
            valkey_password=before.get("valkey_password") or secrets.token_urlsafe(16),
            ports=Ports(
                api=port_of_ours(wanted_api_port) if wanted_api_port else free_port(ports.get("api"), _API_PORT),
                postgres=free_port(ports.get("postgres")),
                valkey=free_port(ports.get("valkey")),
            ),
        )
        _write(file, asdict(kept))
        return kept

    @contextmanager
    def announced(self, url: str, token: str, services: dict[str, dict[str, object]]) -> Iterator[None]:
        """state.json exists as long as the service is up; readable by its owner alone, for it holds the token."""
        _write(self._state, {"url": url, "token": token, "pid": os.getpid(), "services": services})
        try:
            yield
        finally:
            self._state.unlink(missing_ok=True)


_API_PORT = 8765  # tried first; any other will do
# Linux takes the ports of outgoing connections from above these: none is lost to one before its server binds it.
_PORTS = range(20_000, 32_768)


def free_port(*preferred: int | None) -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now, of `preferred` if one is free."""
    for port in preferred:
        if port and _is_free(port):
            return port
    while not _is_free(drawn := secrets.choice(_PORTS)):
        pass
    return drawn


def port_of_ours(port: int) -> int:
    """`port` itself. Raises OSError if it is taken."""
    if not _is_free(port):
        raise OSError(f"port {port} of 127.0.0.1 is in use; give another with --port")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections of an ended server that still linger take nothing from the next one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _write(file: Path, content: object) -> None:
    """Whole or not at all, and never readable by others."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())  # a password lost in a power cut would lock us out of the database
    draft.replace(file)
