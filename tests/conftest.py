"""Real parts for every test: PostgreSQL with a fresh migrated database a test, Valkey, objects in a folder."""

import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from sqlalchemy import Engine, NullPool, create_engine

from reslab.stack.servers import postgres_server, valkey_server
from store.db import database as databases
from store.db import schema
from store.db.database import Database, libpq
from store.db.objects import Objects
from store.db.settings import Settings
from tests import warm as forks

# A training's threads that wait for one another sleep. By default they spin, and on a machine with more processes than
# cores they take the processor from those that they wait for: for a short ResNet-20 30 s of it, not 6 (at load 13).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# A worker that is idle checks its machine, in ten seconds of the processor: only where a test is about it.
os.environ["RESLAB_CHECK_AFTER_S"] = "0"

TEMPLATE = "migrated"
MEMORY = Path("/dev/shm")
GIB = 1 << 30
# Folders whose files take the longest: browsers, whole stacks, processes that are killed.
SLOW = ("e2e", "faults", "hosts", "reslab", "worker", "detection")
# Fixtures that start a whole stack for a whole process.
STACKS = ("shared_lab", "stack")
# A request may wait longer than httpx's default of 5 s on a machine with more processes than cores.
DEFAULT_TIMEOUT_CONFIG.read = DEFAULT_TIMEOUT_CONFIG.connect = 60
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")


@pytest.hookimpl(trylast=True)  # after -m has left out the long tests
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker of pytest-xdist begins with some of the slow files, so that the run doesn't end with one of them.

    It hands out the tests in as many parts as there are workers, each in order, and moves what is left from the end.
    Files whose tests share a stack go to one worker, so that it is started once.
    """
    count: int = getattr(config, "workerinput", {}).get("workercount", 1)
    files = [list(of_file) for _, of_file in groupby(items, key=attrgetter("path"))]
    slow = sorted(filter(_is_slow, files), key=_has_long, reverse=True)
    quick = iter([file for file in files if file not in slow])
    parts: list[list[pytest.Item]] = [[] for _ in range(count)]
    for file in slow:
        stack = _stack(file)
        part = min(parts, key=len) if stack is None else parts[stack % count]
        part.extend(file)
    for part in parts[:-1]:
        while len(part) < len(items) / count and (file := next(quick, [])):
            part.extend(file)
    parts[-1].extend(chain(*quick))
    items[:] = chain(*parts)


def _is_slow(file: list[pytest.Item]) -> bool:
    return _has_long(file) or any(folder in file[0].path.parts for folder in SLOW)


def _has_long(file: list[pytest.Item]) -> bool:
    return any(item.get_closest_marker("long") for item in file)


def _stack(file: list[pytest.Item]) -> int | None:
    """The number of the stack that tests of the file share with those of other files."""
    fixtures = {name for item in file for name in getattr(item, "fixturenames", ())}
    return next((number for number, stack in enumerate(STACKS) if stack in fixtures), None)


def pytest_collection_finish() -> None:
    """What the collection has made stays to the end: the garbage collector needn't walk over 800,000 objects again."""
    gc.freeze()


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    """Name it with `usefixtures`: trainers, workers and other processes of ours start without importing anything."""
    with forks.warm():
        yield


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name it with `usefixtures`, in a module of `warm` ones: this test's processes start as its user's do."""
    monkeypatch.setattr(subprocess, "Popen", forks.COLD)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory if there is enough of it: a database's 300 files are made there in a third of the processor time.

    A container's /dev/shm often has 64 MiB, and then the folder is on the disk.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * GIB:
        with tempfile.TemporaryDirectory(prefix="reslab-tests-", dir=MEMORY) as folder:
            yield Path(folder)
    else:
        yield tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def postgres_url(server_folder: Path) -> Iterator[str]:
    """A server with the template database, migrated once."""
    with postgres_server(server_folder) as url:
        with _connection(url) as operator:
            operator.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        schema.upgrade(_sibling(url, TEMPLATE))
        with _statements_compiled_once(url):
            yield url


@contextmanager
def _statements_compiled_once(url: str) -> Iterator[None]:
    """All databases of this process share SQLAlchemy's compiled statements, which otherwise belong to one engine.

    Compiling them again for each test's database takes a third of the processor time of a short test of the API.
    """
    first = create_engine(url, poolclass=NullPool, query_cache_size=5000)
    first.connect().close()  # the dialect learns the server's version

    def create(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "create_engine", create)
        yield


@pytest.fixture(scope="session")
def operator(postgres_url: str) -> Iterator[psycopg.Connection]:
    """The connection that makes and drops databases: one for all tests, since opening one takes as long as a drop."""
    with _connection(postgres_url) as opened:
        yield opened


@pytest.fixture
def database_url(postgres_url: str, operator: psycopg.Connection) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    name = f"test_{uuid4().hex}"
    # Copying the template's files takes a quarter of the processor time of writing each page to the log.
    operator.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY".encode())
    yield _sibling(postgres_url, name)
    operator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def broker_url(tmp_path: Path) -> Iterator[str]:
    """A Valkey of this test's own, empty and without persistence."""
    with valkey_server(tmp_path) as url:
        yield url


@pytest.fixture
def storage_url(tmp_path: Path) -> str:
    return f"file://{tmp_path}/objects"


@pytest.fixture
def objects(storage_url: str) -> Objects:
    return Objects(storage_url)


@pytest.fixture
def settings(database_url: str, storage_url: str, tmp_path: Path) -> Settings:
    """The test profile: a lease of 6 s. No broker: a test that needs one adds its URL."""
    return Settings(
        database_url=database_url,
        storage_url=storage_url,
        data=tmp_path / "data",
        work=tmp_path / "work",
        signing_key=tmp_path / "signing.key",
        lease_s=6,
        heartbeat_s=1.5,
        allowed_hosts=("127.0.0.1", "localhost", "testserver"),
    )


def _sibling(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def _connection(url: str) -> psycopg.Connection:
    return psycopg.connect(libpq(url), autocommit=True)
