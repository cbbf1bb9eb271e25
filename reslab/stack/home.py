"""The folder of a local service: its lock, its secrets and ports, and the state of what is running."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainer.box.privileges import TRAINER_USER
from trainer.box.walls import has_own_user

# The processes with a database role of their own. Importing store/db/roles.py, which says so too, would slow the start.
PROCESSES = ("api", "control", "worker")


class HomeTakenError(Exception):
    """Another supervisor is using this home. The message names its process and URL."""


@dataclass(frozen=True)
class Ports:
    """Ports on 127.0.0.1."""

    api: int
    postgres: int
    valkey: int


@dataclass(frozen=True)
class HomeSettings:
    """Secrets and ports, created with the home and reused at every start."""

    token: str  # the first API key: 256 random bits behind the prefix of store.people.keys.new_token
    postgres_password: str
    role_passwords: dict[str, str]  # by process
    valkey_password: str
    ports: Ports


class Home:
    """`root` and everything below it, created with mode 0700 if it doesn't exist."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        for folder in (self.root, self.logs, self.data, self.work, self.objects):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Where this folder or Python is below one like /root, which is closed to others, trainers stay root without
        # root's rights: they need to own what they read.
        if os.geteuid() == 0:
            owner = self._admit_trainers() if has_own_user(self.root) else 0
            self._give_data_to(owner)

    def _admit_trainers(self) -> int:
        """Root's trainers have a user of their own, who may pass through here to two folders and see nothing else."""
        for folder in (self.root, self.work):
            folder.chmod(0o711)
        return TRAINER_USER

    def _give_data_to(self, user: int) -> None:
        if self.data.stat().st_uid != user:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, user, user, follow_symlinks=False)

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def data(self) -> Path:
        """The data sets."""
        return self.root / "data"

    @property
    def work(self) -> Path:
        """The trainers' working folders."""
        return self.root / "work"

    @property
    def signing_key(self) -> Path:
        """The key that signs certificates. The api creates it."""
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
    def locked(self) -> Iterator[None]:
        """Lock the home against a second start. The kernel releases the lock when we end, however we end.

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
            self._state.unlink(missing_ok=True)  # left by a supervisor that was killed
            yield

    def _holder(self, lock: str) -> str:
        pid = Path(lock).read_text() or "?"
        try:
            url = json.loads(self._state.read_text())["url"]
        except (FileNotFoundError, ValueError):
            return f"{self.root} is in use by process {pid}, which is starting or stopping. Wait or use another --home."
        return f"{self.root} is in use by process {pid}, which serves {url}. Use that, or start with another --home."

    def log(self, name: str) -> Path:
        """A service's new log file. The log of the previous start is kept beside it."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def settings(self, api_port: int | None = None) -> HomeSettings:
        """The settings of earlier starts, with a new port for each one that another program has taken since.

        Raises OSError if `api_port` is taken, RuntimeError if the file of earlier starts is missing or damaged.
        """
        file = self.root / "secrets.json"
        stored = _read_secrets(file)
        if not stored and self.postgres.exists():
            raise RuntimeError(
                f"{self.postgres} exists, but {file} with its password does not. "
                "Restore that file, or use another --home."
            )
        ports = stored.get("ports", {})
        settings = HomeSettings(
            token=stored.get("token") or "rsl_" + secrets.token_urlsafe(32),
            postgres_password=stored.get("postgres_password") or secrets.token_urlsafe(16),
            role_passwords={process: secrets.token_urlsafe(16) for process in PROCESSES}
            | stored.get("role_passwords", {}),
            valkey_password=stored.get("valkey_password") or secrets.token_urlsafe(16),
            ports=Ports(
                api=require_free(api_port) if api_port else free_port(ports.get("api"), API_PORT),
                postgres=free_port(ports.get("postgres")),
                valkey=free_port(ports.get("valkey")),
            ),
        )
        _write(file, asdict(settings))
        return settings

    @contextmanager
    def announced(self, url: str, token: str) -> Iterator[Callable[[dict[str, dict[str, object]]], None]]:
        """Keep state.json while the service is up; yields the function that writes it, with the processes of today.

        Only its owner can read the file, since it holds the token.
        """
        try:
            yield lambda services: _write(
                self._state, {"url": url, "token": token, "pid": os.getpid(), "services": services}
            )
        finally:
            self._state.unlink(missing_ok=True)


def _read_secrets(file: Path) -> dict[str, Any]:
    """The stored settings, which may be of an earlier version. Raises RuntimeError if they are damaged."""
    if not file.exists():
        return {}
    try:
        stored = json.loads(file.read_text())
        texts = [stored.get(name, "") for name in ("token", "postgres_password", "valkey_password")]
        texts += [*stored.get("role_passwords", {}).values()]
        is_whole = all(isinstance(text, str) for text in texts) and isinstance(stored.get("ports", {}), dict)
    except (ValueError, AttributeError):
        is_whole = False
    if not is_whole:
        raise RuntimeError(f"{file} is damaged. Restore it from a backup, or use another --home.")
    return dict(stored)


API_PORT = 8765  # tried first
# Linux takes the ports of outgoing connections from above these, so none is taken before its server binds it.
_PORTS = range(20_000, 32_768)


def free_port(*preferred: int | None) -> int:
    """A free TCP port of 127.0.0.1: the first of `preferred` that is free, or a random one."""
    for port in preferred:
        if port and is_free(port):
            return port
    while not is_free(drawn := secrets.choice(_PORTS)):
        pass
    return drawn


def require_free(port: int) -> int:
    """`port` itself. Raises OSError if it is taken."""
    if not is_free(port):
        raise OSError(f"Port {port} of 127.0.0.1 is in use. Choose another with --port.")
    return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: lingering connections of an earlier server don't block the next one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _write(file: Path, content: object) -> None:
    """Write the file whole or not at all, and never readable by others."""
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())  # a power cut that loses a password would lock us out of the database
    draft.replace(file)
