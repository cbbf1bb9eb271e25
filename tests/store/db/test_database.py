"""Sessions: one that is idle in a transaction ends, which counts as an outage; a cut one is noticed at both ends."""

import os
import socket
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from store.db.database import IDLE_IN_TRANSACTION_S, QUEUE_CHANGED, Database, Listener, notify
from store.db.models import Run
from tests.worker.conftest import wait_until


def is_locked(database: Database, run_id: UUID) -> bool:
    try:
        with database.transaction() as session:
            session.scalar(select(Run.id).where(Run.id == run_id).with_for_update(nowait=True))
    except OperationalError:
        return True
    return False


def test_an_idle_transaction_releases_its_rows(database: Database, submit: Callable[..., Run]) -> None:
    """Observed: the reaper skips locked rows, so a worker stopped inside a transaction kept its run forever."""
    run_id = submit().id

    def stand_still() -> None:
        lock = select(Run.id).with_for_update()
        with database.transaction() as session:
            session.execute(text("SET idle_in_transaction_session_timeout = 200"))
            session.execute(lock)
            assert is_locked(database, run_id)
            wait_until(lambda: not is_locked(database, run_id))
            session.execute(lock)

    with pytest.raises(OperationalError, match="idle-in-transaction"):
        stand_still()
    with database.transaction() as session:  # the pool has forgotten that session
        assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == f"{IDLE_IN_TRANSACTION_S}s"


def test_a_cut_connection_is_noticed_at_both_ends(database: Database) -> None:
    """Observed: the server kept a lost host's lock for hours, and a cut listener hung for minutes (tests/hosts)."""
    query = "SELECT setting::int FROM pg_settings WHERE name LIKE 'tcp_%' ORDER BY name"
    expected = [3, 5, 2, 10_000]  # keepalives: count, idle and interval in seconds; user timeout in milliseconds
    with Listener(database.url) as listener, database.transaction() as session:
        assert list(session.scalars(text(query))) == expected
        assert [row[0] for row in listener._connection.execute(query)] == expected
        with socket.socket(fileno=os.dup(listener._connection.fileno())) as listening:
            assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000


def test_a_listener_hears_what_was_sent_while_it_did_something_else(database: Database) -> None:
    with Listener(database.url, QUEUE_CHANGED) as listener:
        with database.transaction() as session:
            notify(session, QUEUE_CHANGED, "a run")
        assert listener.lock(7)  # its answer brings the notification
        assert listener.wait(60) == ["a run"]
        assert listener.wait(0) == []
