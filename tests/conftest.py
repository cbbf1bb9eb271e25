"""Real parts for every test: PostgreSQL with a fresh migrated database a test, Valkey, objects in a folder."""

import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest

from reslab.stack.servers import postgres_server, valkey_server
from store.db import schema
from store.db.database import Database, libpq
from store.db.objects import Objects
from store.db.settings import Settings
from tests import warm as forks

# A training's threads that wait for one another sleep. By default they spin, and on a machine with more processes than
# cores they take the processor from those that they wait for: for a short ResNet-20 30 s of it, not 6 (at load 13).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

TEMPLATE = "migrated"
MEMORY = Path("/dev/shm")
GIB = 1 << 30
# Folders whose files take the longest: browsers, whole stacks, processes that are killed.
LONG = ("e2e", "faults", "hosts", "reslab", "worker", "detection")
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker of pytest-xdist begins with some of the long files, so that the run doesn't end with one of them.

    It hands out the tests in as many parts as there are workers, each in order, and moves what is left from the end.
    """
    count: int = getattr(config, "workerinput", {}).get("workercount", 1)
    files = [list(of_file) for _, of_file in groupby(items, key=attrgetter("path"))]
    long = [file for file in files if any(folder in file[0].path.parts for folder in LONG)]
    short = iter([file for file in files if file not in long])
    parts = [list(chain(*long[number::count])) for number in range(count)]
    for part in parts[:-1]:
        while len(part) < len(items) / count and (file := next(short, None)):
            part.extend(file)
    parts[-1].extend(chain(*short))
    items[:] = chain(*parts)


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
        yield url


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
