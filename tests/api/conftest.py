"""The application with a real database and a real socket: a test sees what a client sees."""

import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from structlog.testing import capture_logs

from api.__main__ import Server
from api.app import create_app
from api.events import feed
from store import workers
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Worker
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from store.people.rights import SCOPES, Scope
from tests.api import progress
from worker.device import Device
from worker.supervise import supervise
from worker.workbench import Workbench

# The certificates of a client's TLS context take a tenth of a second to load, also for an http:// address.
TLS = httpx.create_ssl_context()
SPEC = {"depth": 20, "shortcut": "A", "dataset": "digits", "iterations": 400}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The service's log entries, as data."""
    with capture_logs() as logged:
        yield logged


@pytest.fixture
def make_key(database: Database) -> Callable[..., str]:
    def make(*scopes: Scope, owner: str = "ann") -> str:
        token = keys.new_token()
        with database.transaction() as session:
            keys.create(session, token, name="test", owner=owner, scopes=scopes or SCOPES)
        return token

    return make


@pytest.fixture
def token(make_key: Callable[..., str]) -> str:
    """A key with every scope."""
    return make_key()


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A small dashboard in the form that Vite builds."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><title>Reslab</title>")
    (tmp_path / "dist" / "assets" / "main-1a2b.js").write_text("export {};")
    return tmp_path / "dist"


@pytest.fixture
def fast_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name it with `usefixtures`: the application's first heartbeat is due 15 s after its start, or by this."""
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.05)


@pytest.fixture
def app(settings: Settings, dist: Path) -> FastAPI:
    # Tests of studies run the background watch themselves.
    return create_app(settings.model_copy(update={"study_look_s": 3600}), dist)


@pytest.fixture
def work(settings: Settings, database: Database, objects: Objects, warm: None) -> Callable[[int], None]:
    """Trains or examines the first `count` runs in the queue with the real trainer, a process (a fork) for each."""
    bench = Workbench(
        settings=settings,
        database=database,
        objects=objects,
        device=Device("cpu", "a test's", "cpu"),
        worker_id=new_id(),
        worker_name="one",
        threads=1,
    )
    with database.transaction() as session:
        worker = Worker(id=bench.worker_id, name="one", host="here", pid=1, queue="cpu", device="cpu", version="0")
        workers.register(session, worker)

    def take(count: int) -> None:
        for _ in range(count):
            supervise(bench, progress.claim(database, worker))

    return take


@pytest.fixture
def train(database: Database, objects: Objects, tmp_path: Path) -> Callable[[int], None]:
    """Trains the first `count` runs in the queue with the real training loop, in this process."""
    from tests.trained import train_next  # imports torch

    folder = tmp_path / "training"
    folder.mkdir()

    def take(count: int) -> None:
        for _ in range(count):
            train_next(database, objects, folder)

    return take


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serves the application on its own socket, in a thread."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False, lifespan="on")
    server = Server(config, app.state.service)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def anonymous(url: str) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=url, verify=TLS) as client:
        yield client


@pytest.fixture
def client(url: str, token: str) -> Iterator[httpx.Client]:
    """A client of the owner `ann` with every scope."""
    with httpx.Client(base_url=url, headers=bearer(token), verify=TLS) as client:
        yield client


@pytest.fixture
def post(client: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Posts a run; returns its JSON."""

    def create(spec: dict[str, Any] | None = None, **around: Any) -> dict[str, Any]:
        response = client.post("/api/v1/runs", json={"spec": SPEC | (spec or {}), **around})
        assert response.status_code == 201, response.text
        run: dict[str, Any] = response.json()
        return run

    return create


def until(holds: Callable[[], Any], limit_s: float = 120) -> None:
    """Waits until a condition holds. The limit is for a busy machine; it measures nothing."""
    ends = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < ends, "the condition did not become true in time"
        time.sleep(0.01)
