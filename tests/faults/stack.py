"""The whole service as real processes, each of which can be killed, stopped, resumed and restarted by itself.

PostgreSQL, Valkey, api, control and workers with the chain trainer. Every process reaches the servers over its own
routes through a proxy: `("worker-1", "database")`, `("control", "broker")`, `("worker-2", "objects")`, …
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import httpx
import psutil
from sqlalchemy.exc import OperationalError

from reslab.client import Client
from reslab.stack.child import Child, Service
from reslab.stack.home import free_port
from reslab.stack.postgres import Postgres
from reslab.stack.seaweed import s3_server
from reslab.stack.valkey import Valkey
from store.db import roles, schema
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from tests.faults import disk
from tests.faults.chain_trainer import Order
from tests.faults.disk import CannotStrike, Disk
from tests.faults.proxy import Proxy, Weather

Server = Literal["database", "broker", "objects"]

LEASE_S, HEARTBEAT_S = 6.0, 1.5
# Generous, because the machine may be busy. Only reached if something hangs.
LIMIT_S = 120.0
_POLL_S = 0.02
# A second control, which runs only in the faults that start it.
SPARE = "control-2"

WORKER = """
import logging, os, sys, time
if off_s := float(os.environ.get("RESLAB_TEST_CLOCK_OFF_S", "0")):
    now = time.time
    time.time = lambda: now() + off_s
if call := os.environ.get("RESLAB_TEST_REFUSED_CALL"):
    import runpy
    runpy.run_path({refusal!r})["refuse"](int(call))
from store.db.settings import Settings
from worker import run
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
sys.exit(run.run(Settings(), run.WorkerOptions({name!r}, "cpu", trainer={trainer!r})))
"""
# Small and fast; a test overrides what it needs.
SPEC = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "batch_size": 8, "train_images": 1980}
RUN = {"iterations": 500, "checkpoint_every": 100, "evaluate_every": 250}


def wait_until(condition: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> float:
    """Returns how many seconds it took. Raises TimeoutError naming `what`."""
    began = time.monotonic()
    while not _holds(condition):
        if time.monotonic() - began > limit_s:
            raise TimeoutError(f"{what}: not reached within {limit_s:.0f} s")
        time.sleep(_POLL_S)
    return time.monotonic() - began


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except (OperationalError, psutil.NoSuchProcess):  # the condition meets the outage as well, or a process's end
        return False


class Stack:
    """Everything runs inside the `with` block and is gone after it. Main thread only, as for `Child`."""

    def __init__(self, folder: Path, *, workers: int = 2, s3: bool = False) -> None:
        self.folder, self._s3 = folder, s3
        self.orders = folder / "orders"
        self.gate = folder / "gate"
        self.workers = tuple(f"worker-{number}" for number in range(1, workers + 1))
        self.names = ("postgres", "valkey", "api", "control", *self.workers)
        self._children: dict[str, list[Child]] = {name: [] for name in (*self.names, SPARE)}
        self._seed = 0
        for part in (self.orders, folder / "logs", folder / "objects"):
            part.mkdir(parents=True, exist_ok=True)
        log = folder / "logs"
        self._postgres = Postgres(folder / "postgres", log / "postgres.log", free_port(), uuid4().hex, durable=False)
        self._valkey = Valkey(log / "valkey.log", free_port(), uuid4().hex)
        self._api_port = free_port()
        self.storage = {"RESLAB_STORAGE_URL": (folder / "objects").as_uri()}
        self._passwords: dict[roles.Process, str] = {process: uuid4().hex for process in roles.PROCESSES}
        self.database = Database(self._postgres.url)
        self.token = keys.new_token()

    def __enter__(self) -> Self:
        with ExitStack() as exits:
            exits.callback(self._end)
            if self._s3:
                self.storage = exits.enter_context(s3_server(self.folder))
                exits.enter_context(_environment(self.storage))
            self._disks = {name: Disk(self.folder / "work" / name) for name in ("api", *self.workers)}
            for own in self._disks.values():
                exits.callback(own.close)
            self.proxy = exits.enter_context(Proxy())
            served = (*self.names[2:], SPARE)
            self._routes = {(name, server): self._route(name, server) for name in served for server in _SERVERS}
            self.client = exits.enter_context(Client(f"http://127.0.0.1:{self._api_port}", self.token))
            self.objects = Objects(self.storage["RESLAB_STORAGE_URL"])
            self.start("postgres")
            schema.upgrade(self._postgres.url)
            roles.grant(self._postgres.url, self._passwords)
            with self.database.transaction() as session:
                keys.ensure(session, self.token, name="faults", owner="ann")
            for name in self.names[1:]:
                self.start(name)
            wait_until(self.is_ready, "the API is ready")
            self._exits = exits.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._exits.close()

    # Processes

    def start(self, name: str, failpoint: str = "", **variables: str) -> None:
        """Starts a part that is not running; servers are ready on return. `failpoint`: see store.db.failpoints."""
        self.gate.unlink(missing_ok=True)
        if name == "postgres":
            self._postgres.prepare()
        child = Child(self._service(name, {"RESLAB_FAILPOINT": failpoint} | variables))
        self._children[name].append(child)
        child.send_stdin()
        if name in ("postgres", "valkey"):
            child.wait_until_ready()

    def child(self, name: str) -> Child:
        """The current process of a part, or its last one."""
        return self._children[name][-1]

    def is_running(self, name: str) -> bool:
        return bool(self._children[name]) and self.child(name).exit_code() is None

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kills the main process only. Returns once it has ended."""
        self.signal(name, number)
        self.signal(name, signal.SIGCONT)
        self.wait_for_end(name)

    def kill_tree(self, name: str) -> None:
        """Kills the process and its trainer, at the same moment."""
        trainers = self.trainers(name)
        os.kill(self.child(name).pid, signal.SIGSTOP)
        for process in trainers:
            process.kill()
        self.kill(name)

    def stop(self, name: str) -> None:
        """SIGSTOP. Returns once the process is stopped."""
        self.signal(name, signal.SIGSTOP)
        wait_until(lambda: self.is_stopped(name) or not self.is_running(name), f"{name} stops")

    def resume(self, name: str) -> None:
        """SIGCONT."""
        self.signal(name, signal.SIGCONT)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal. Does nothing if the process has ended."""
        if self.is_running(name):
            os.kill(self.child(name).pid, number)

    def wait_for_end(self, name: str, limit_s: float = LIMIT_S) -> int:
        """Waits until a part has ended. Returns its exit code (negative: the signal)."""
        wait_until(lambda: not self.is_running(name), f"{name} ends", limit_s)
        code = self.child(name).exit_code()
        assert code is not None
        return code

    def is_stopped(self, name: str) -> bool:
        """Whether the process is stopped, by us or by its own fail point."""
        return self.is_running(name) and psutil.Process(self.child(name).pid).status() == psutil.STATUS_STOPPED

    def restart(self, name: str, failpoint: str = "", **variables: str) -> None:
        """Kills the part and starts it again."""
        if self.is_running(name):
            self.kill(name)
        self.start(name, failpoint, **variables)

    def trainers(self, name: str) -> list[psutil.Process]:
        """The worker's trainer, if it has one at the moment."""
        if not self.is_running(name):
            return []
        return [child for child in psutil.Process(self.child(name).pid).children() if child.is_running()]

    def repair(self) -> None:
        """Clears all network faults, resumes and restarts every part, and kills the spare control."""
        self.proxy.clear()
        for name in self._disks:
            self.free_disk(name)
        self.gate.touch()
        if self.is_running(SPARE):
            self.kill(SPARE)
        for name in self.names:
            self.resume(name)
            for trainer in self.trainers(name) if name in self.workers else ():
                trainer.resume()
            if not self.is_running(name):
                self.start(name)
        wait_until(self.is_ready, "the API is ready")

    # Disks

    def fill_disk(self, name: str) -> None:
        """Leaves no byte in a worker's working folder, or where the API takes uploads. Raises CannotStrike without the
        rights to mount one."""
        if not self._disks[name].can_be_filled:
            raise CannotStrike("a small file system of its own needs root")
        self._disks[name].fill()

    def free_disk(self, name: str) -> None:
        self._disks[name].free()

    # Network

    def set_weather(self, name: str, server: Server, weather: Weather) -> None:
        """Sets how this process's route to that server behaves from now on."""
        self.proxy.set(f"{name} {server}", weather)

    def sent_bytes(self, name: str, server: Server) -> int:
        return self.proxy.sent_bytes(f"{name} {server}")

    # Users' actions

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.client.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def submit(self, order: Order | None = None, key: str | None = None, **fields: Any) -> UUID:
        """Submits a run. Repeats the request with one idempotency key until it is answered, as clients should."""
        self._seed += 1
        if order:
            order.give(self.orders, self._seed)
        spec, key = SPEC | RUN | {"seed": self._seed} | fields, key or str(uuid4())
        deadline = time.monotonic() + LIMIT_S
        while True:
            try:
                return UUID(self.client.submit(spec, key).id)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_S)

    def settings(self) -> Settings:
        """Settings for a process outside the stack: direct connections to the servers."""
        values = {name.removeprefix("RESLAB_").lower(): value for name, value in self._variables().items()}
        return Settings(**{name: values[name] for name in Settings.model_fields if name in values})  # type: ignore[arg-type] # pydantic parses the strings

    def logs(self, lines: int = 40) -> str:
        """The last lines of every log, to explain a failure."""
        files = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) for file in files
        )

    def _service(self, name: str, variables: dict[str, str]) -> Service:
        program: tuple[str, ...]
        match name:
            case "postgres":
                server = self._postgres.service()
                # A killed server must keep every commit. fsync stays off, because no test cuts the power.
                return replace(server, argv=(*server.argv, "-c", "synchronous_commit=on"), log=self._log(name))
            case "valkey":
                return replace(self._valkey.service(), log=self._log(name))
            case "api":
                program = ("-P", "-m", "api", "--port", str(self._api_port))
            case "control" | "control-2":
                program = ("-P", "-m", "worker", "control")
            case _:
                trainer = (sys.executable, "-P", str(Path(__file__).with_name("chain_trainer.py")), str(self.orders))
                refusal = str(Path(__file__).with_name("refusal.py"))
                program = ("-P", "-c", WORKER.format(name=name, trainer=trainer, refusal=refusal))
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("RESLAB_", "AWS_"))}
        return Service(
            name=name,
            argv=(sys.executable, *program),
            log=self._log(name),
            environment=inherited | self._variables(name) | self._of_tests(name) | variables,
            folder=self.folder,
        )

    def _of_tests(self, name: str) -> dict[str, str]:
        """What no user sets. The API's temporary files have a disk of their own."""
        aside = {"TMPDIR": str(self.folder / "work" / name)} if name == "api" else {}
        return {"RESLAB_FAILPOINT_GATE": str(self.gate)} | aside

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.{len(self._children[name])}.log"

    def _variables(self, name: str | None = None) -> dict[str, str]:
        urls: dict[str, tuple[str, Server]] = {
            "RESLAB_DATABASE_URL": (self._database_url(name), "database"),
            "RESLAB_BROKER_URL": (self._valkey.url, "broker"),
            "AWS_ENDPOINT_URL": (self.storage.get("AWS_ENDPOINT_URL", ""), "objects"),
        }
        return {
            **self.storage,
            **{key: _through(url, self._routes[name, server]) if name else url for key, (url, server) in urls.items()},
            "RESLAB_DATA": str(self.folder / "data"),
            "RESLAB_WORK": str(self.folder / "work" / (name or "")),
            "RESLAB_LEASE_S": str(LEASE_S),
            "RESLAB_HEARTBEAT_S": str(HEARTBEAT_S),
            "RESLAB_FREE_DISK_BYTES": str(disk.FREE_BYTES),
        }

    def _database_url(self, name: str | None) -> str:
        """With the process's own role, as in production. Without a name: as the owner of the database."""
        for process, password in self._passwords.items():
            if name and name.startswith(process):
                return self._postgres.url_of(roles.role(process), password)
        return self._postgres.url

    def _route(self, name: str, server: str) -> int:
        urls = {"database": self._postgres.url, "broker": self._valkey.url}
        port = urlsplit(urls.get(server) or self.storage.get("AWS_ENDPOINT_URL", "")).port
        return self.proxy.route(f"{name} {server}", port or 0)

    def _end(self) -> None:
        self.database.close()
        for name in (SPARE, *reversed(self.names)):
            if self._children[name]:
                self.resume(name)
                self.child(name).stop(limit_s=0)


_SERVERS: tuple[Server, ...] = ("database", "broker", "objects")


def _through(url: str, port: int) -> str:
    """The same URL, through a port of the proxy."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}")) if url else ""


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Sets variables of this process for a while: obstore reads AWS_… from the environment."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
