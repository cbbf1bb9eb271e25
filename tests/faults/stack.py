"""The whole service as real processes, each of which can be killed, stopped, continued and started again by itself.

PostgreSQL, Valkey, api, control and workers with the chain trainer. Every process reaches the servers over lines of
its own through a proxy: `("worker-1", "database")`, `("control", "broker")`, `("worker-2", "objects")`, …
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
from store import keys
from store.db import roles, schema
from store.db.database import Database
from store.db.objects import Objects
from store.db.settings import Settings
from tests.faults.chain_trainer import Order
from tests.faults.proxy import Proxy, Weather

Server = Literal["database", "broker", "objects"]

LEASE_S, HEARTBEAT_S = 6.0, 1.5
# The machine may be busy: reached only where something hangs.
LIMIT_S = 120.0
_POLL_S = 0.02
# A second control, which is up only where it is started.
SPARE = "control-2"

WORKER = """
import logging, os, sys, time
if off_s := float(os.environ.get("RESLAB_TEST_CLOCK_OFF_S", "0")):
    now = time.time
    time.time = lambda: now() + off_s
from store.db.settings import Settings
from worker import run
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
sys.exit(run.run(Settings(), run.WorkerOptions({name!r}, "cpu", trainer={trainer!r})))
"""
# Small and fast; a test says what it needs otherwise.
SPEC = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "batch_size": 8, "train_images": 1980}
RUN = {"iterations": 500, "checkpoint_every": 100, "evaluate_every": 250}


def wait_until(condition: Callable[[], object], what: str, limit_s: float = LIMIT_S) -> float:
    """The seconds that it took. Raises TimeoutError, which says what was waited for."""
    began = time.monotonic()
    while not _holds(condition):
        if time.monotonic() - began > limit_s:
            raise TimeoutError(f"{what}: not within {limit_s:.0f} s")
        time.sleep(_POLL_S)
    return time.monotonic() - began


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except OperationalError:  # whoever looks may meet the outage as well
        return False


class Stack:
    """Everything is up inside the `with`, and gone after it. Main thread only, as `Child` is."""

    def __init__(self, folder: Path, *, workers: int = 2, s3: bool = False) -> None:
        self.folder, self._s3 = folder, s3
        self.orders = folder / "orders"
        self.gate = folder / "gate"
        self.workers = tuple(f"worker-{number}" for number in range(1, workers + 1))
        self.names = ("postgres", "valkey", "api", "control", *self.workers)
        self._lives: dict[str, list[Child]] = {name: [] for name in (*self.names, SPARE)}
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
        with ExitStack() as opened:
            opened.callback(self._end)
            if self._s3:
                self.storage = opened.enter_context(s3_server(self.folder))
                opened.enter_context(_environment(self.storage))
            self.proxy = opened.enter_context(Proxy())
            served = (*self.names[2:], SPARE)
            self._lines = {(name, server): self._line(name, server) for name in served for server in _SERVERS}
            self.client = opened.enter_context(Client(f"http://127.0.0.1:{self._api_port}", self.token))
            self.objects = Objects(self.storage["RESLAB_STORAGE_URL"])
            self.start("postgres")
            schema.upgrade(self._postgres.url)
            roles.grant(self._postgres.url, self._passwords)
            with self.database.transaction() as session:
                keys.ensure(session, self.token, name="faults", owner="ann")
            for name in self.names[1:]:
                self.start(name)
            wait_until(self.answers, "the api answers")
            self._opened = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()

    # Processes

    def start(self, name: str, failpoint: str = "", **variables: str) -> None:
        """A new life of a part that has ended; servers are ready on return. `failpoint`: see store.db.failpoints."""
        self.gate.unlink(missing_ok=True)
        if name == "postgres":
            self._postgres.prepare()
        child = Child(self._service(name, {"RESLAB_FAILPOINT": failpoint} | variables))
        self._lives[name].append(child)
        child.send_stdin()
        if name in ("postgres", "valkey"):
            child.wait_until_ready()

    def child(self, name: str) -> Child:
        """Its life of now, or the last one."""
        return self._lives[name][-1]

    def runs(self, name: str) -> bool:
        return bool(self._lives[name]) and self.child(name).exit_code() is None

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Its main process only, and waits until it has ended."""
        self.signal(name, number)
        self.signal(name, signal.SIGCONT)
        self.ended(name)

    def kill_tree(self, name: str) -> None:
        """The process and everything it started, at once."""
        trainers = self.trainers(name)
        os.kill(self.child(name).pid, signal.SIGSTOP)
        for process in trainers:
            process.kill()
        self.kill(name)

    def stop(self, name: str) -> None:
        """SIGSTOP; returns when it stands still."""
        self.signal(name, signal.SIGSTOP)
        wait_until(lambda: self.is_stopped(name) or not self.runs(name), f"{name} stops")

    def go_on(self, name: str) -> None:
        """SIGCONT."""
        self.signal(name, signal.SIGCONT)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Nothing happens to a process that has ended."""
        if self.runs(name):
            os.kill(self.child(name).pid, number)

    def ended(self, name: str, limit_s: float = LIMIT_S) -> int:
        """Waits for the end of a part, and answers its exit code (negative: the signal)."""
        wait_until(lambda: not self.runs(name), f"{name} ends", limit_s)
        code = self.child(name).exit_code()
        assert code is not None
        return code

    def is_stopped(self, name: str) -> bool:
        """Whether the kernel says so: by us, or by a fail point of its own."""
        return self.runs(name) and psutil.Process(self.child(name).pid).status() == psutil.STATUS_STOPPED

    def restart(self, name: str, failpoint: str = "", **variables: str) -> None:
        """Kills it and starts it anew."""
        if self.runs(name):
            self.kill(name)
        self.start(name, failpoint, **variables)

    def trainers(self, name: str) -> list[psutil.Process]:
        """The trainer of a worker, if it has one now."""
        if not self.runs(name):
            return []
        return [child for child in psutil.Process(self.child(name).pid).children() if child.is_running()]

    def heal(self) -> None:
        """Everything passes, goes on and runs again; a spare control that was started is gone."""
        self.proxy.clear()
        self.gate.touch()
        if self.runs(SPARE):
            self.kill(SPARE)
        for name in self.names:
            self.go_on(name)
            for trainer in self.trainers(name) if name in self.workers else ():
                trainer.resume()
            if not self.runs(name):
                self.start(name)
        wait_until(self.answers, "the api answers")

    # Lines

    def weather(self, name: str, server: Server, weather: Weather) -> None:
        """How this process's line to that server behaves from now on."""
        self.proxy.set(f"{name} {server}", weather)

    def sent_bytes(self, name: str, server: Server) -> int:
        return self.proxy.sent_bytes(f"{name} {server}")

    # People

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.client.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def submit(self, order: Order | None = None, key: str | None = None, **fields: Any) -> UUID:
        """An accepted run. Asks with the same idempotency key until it is answered, as a careful client does."""
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
        """Of a process that is no part of the stack: straight to the servers."""
        ours = {name.removeprefix("RESLAB_").lower(): value for name, value in self._variables().items()}
        return Settings(**{name: ours[name] for name in Settings.model_fields if name in ours})  # type: ignore[arg-type] # strings, which pydantic parses

    def logs(self, lines: int = 40) -> str:
        """The end of every log, for the one who has to understand a failure."""
        files = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-lines:]) for file in files
        )

    def _service(self, name: str, variables: dict[str, str]) -> Service:
        program: tuple[str, ...]
        match name:
            case "postgres":
                server = self._postgres.service()
                # A killed server must have every commit; fsync stays off, as no power is cut here.
                return replace(server, argv=(*server.argv, "-c", "synchronous_commit=on"), log=self._log(name))
            case "valkey":
                return replace(self._valkey.service(), log=self._log(name))
            case "api":
                program = ("-P", "-m", "api", "--port", str(self._api_port))
            case "control" | "control-2":
                program = ("-P", "-m", "worker", "control")
            case _:
                trainer = (sys.executable, "-P", str(Path(__file__).with_name("chain_trainer.py")), str(self.orders))
                program = ("-P", "-c", WORKER.format(name=name, trainer=trainer))
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("RESLAB_", "AWS_"))}
        return Service(
            name=name,
            argv=(sys.executable, *program),
            log=self._log(name),
            environment=inherited | self._variables(name) | {"RESLAB_FAILPOINT_GATE": str(self.gate)} | variables,
            folder=self.folder,
        )

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.{len(self._lives[name])}.log"

    def _variables(self, name: str | None = None) -> dict[str, str]:
        urls: dict[str, tuple[str, Server]] = {
            "RESLAB_DATABASE_URL": (self._database_url(name), "database"),
            "RESLAB_BROKER_URL": (self._valkey.url, "broker"),
            "AWS_ENDPOINT_URL": (self.storage.get("AWS_ENDPOINT_URL", ""), "objects"),
        }
        return {
            **self.storage,
            **{key: _through(url, self._lines[name, server]) if name else url for key, (url, server) in urls.items()},
            "RESLAB_DATA": str(self.folder / "data"),
            "RESLAB_WORK": str(self.folder / "work" / (name or "")),
            "RESLAB_LEASE_S": str(LEASE_S),
            "RESLAB_HEARTBEAT_S": str(HEARTBEAT_S),
        }

    def _database_url(self, name: str | None) -> str:
        """As the process's own role: it can do no more than in production. Who is no part of the stack owns it all."""
        for process, password in self._passwords.items():
            if name and name.startswith(process):
                return self._postgres.url_of(roles.role(process), password)
        return self._postgres.url

    def _line(self, name: str, server: str) -> int:
        urls = {"database": self._postgres.url, "broker": self._valkey.url}
        port = urlsplit(urls.get(server) or self.storage.get("AWS_ENDPOINT_URL", "")).port
        return self.proxy.line(f"{name} {server}", port or 0)

    def _end(self) -> None:
        self.database.close()
        for name in (SPARE, *reversed(self.names)):
            if self._lives[name]:
                self.go_on(name)
                self.child(name).stop(limit_s=0)


_SERVERS: tuple[Server, ...] = ("database", "broker", "objects")


def _through(url: str, port: int) -> str:
    """The same URL by way of a port of the proxy."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}")) if url else ""


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Ours, for as long as it lasts: obstore reads AWS_… from there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
