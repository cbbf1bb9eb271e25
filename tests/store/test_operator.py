"""`python -m store …`: the operator's commands and the containers' health checks, as processes."""

import os
import socket
import subprocess
import sys
from uuid import UUID

import pytest
from sqlalchemy import update

from store import workers
from store.db.database import Database, Listener
from store.db.identifiers import new_id
from store.db.models import Worker
from store.people import keys

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def store(database_url: str) -> "Store":
    return Store(database_url)


class Store:
    """`python -m store` with this test's database."""

    def __init__(self, database_url: str) -> None:
        self._environment = {**os.environ, "RESLAB_DATABASE_URL": database_url}

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-P", "-m", "store", *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)


def add_worker(database: Database, host: str) -> UUID:
    with database.transaction() as session:
        row = Worker(id=new_id(), name="one", host=host, pid=1, queue="cpu", device="cpu", version="0", draining=False)
        return workers.register(session, row).id


def test_a_key_from_the_command_is_valid_and_printed_alone(store: Store, database: Database) -> None:
    result = store("key", "--owner", "ann", "--scope", "read")
    with database.transaction() as session:
        caller = keys.authenticate(session, result.stdout.removesuffix("\n"))
    assert caller is not None
    assert (caller.owner, sorted(caller.scopes)) == ("ann", ["read"])


def test_a_scope_that_does_not_exist_is_refused_by_name(store: Store) -> None:
    refused = store("key", "--owner", "ann", "--scope", "root")
    assert refused.returncode == 2
    assert "'read'" in refused.stderr


def test_control_is_healthy_while_one_leads(store: Store, database_url: str) -> None:
    assert store("health", "control").returncode == 1
    with Listener(database_url) as leader:
        assert leader.lock(workers.LEADER_LOCK)
        assert store("health", "control").returncode == 0


def test_a_worker_is_healthy_while_its_own_host_was_seen_within_a_lease(store: Store, database: Database) -> None:
    add_worker(database, "another-host")
    assert store("health", "worker").returncode == 1
    worker_id = add_worker(database, socket.gethostname())
    assert store("health", "worker").returncode == 0
    with database.transaction() as session:
        long_ago = "2015-12-10T00:00:00Z"
        session.execute(update(Worker).where(Worker.id == worker_id).values(seen_at=long_ago))
    assert store("health", "worker").returncode == 1


def test_health_without_a_database_prints_one_line() -> None:
    done = Store("postgresql://nobody:secret@127.0.0.1:1/none")("health", "worker")
    assert done.returncode == 1
    assert done.stderr.startswith("can't reach the database")
    assert "secret" not in done.stderr
