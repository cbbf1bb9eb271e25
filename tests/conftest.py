"""Real parts for every test: PostgreSQL with a fresh migrated database a test, Valkey, objects in a folder."""

from collections.abc import Iterator
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

TEMPLATE = "migrated"
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the template database, migrated once."""
    with postgres_server(tmp_path_factory.mktemp("server")) as url:
        _statement(url, f"CREATE DATABASE {TEMPLATE}")
        schema.upgrade(_sibling(url, TEMPLATE))
        yield url


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    name = f"test_{uuid4().hex}"
    # Copying the template's files takes a quarter of the processor time of writing each page to the log.
    _statement(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield _sibling(postgres_url, name)
    _statement(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


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


def _statement(url: str, statement: str) -> None:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(statement.encode())
