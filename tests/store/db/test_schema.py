"""Migrations of tables that hold rows."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from alembic import command
from store.db import schema
from store.db.database import Database, libpq
from store.db.models import Run, Worker
from store.db.revision import NEWER, NewerTables, refuse_newer
from store.runs import attempts, verbs
from tests.store.conftest import claim
from tests.warm import warm


@pytest.fixture
def ended(database: Database, submit: Callable[..., Run], worker: Worker) -> Run:
    """A run that was returned, asked to pause and then cancelled."""
    run_id = submit().id
    first = claim(database, worker)
    with database.transaction() as session:
        attempts.return_to_queue(session, run_id, first.attempt, "drained")
    second = claim(database, worker)
    with database.transaction() as session:
        verbs.pause(session, run_id, "ann")
        verbs.cancel(session, run_id, "ann")
    with database.transaction() as session:
        attempts.stop(session, run_id, second.attempt)
        return verbs.get(session, run_id)


def words(url: str, ended: Run) -> tuple[list[str], list[str]]:
    """The run's kinds of events and its attempts' outcomes."""
    with psycopg.connect(libpq(url)) as connection:
        kinds = connection.execute("SELECT kind FROM events WHERE run_id = %s ORDER BY seq", (ended.id,))
        outcomes = connection.execute("SELECT outcome FROM attempts WHERE run_id = %s ORDER BY number", (ended.id,))
        return [kind for (kind,) in kinds], [outcome for (outcome,) in outcomes]


def test_the_words_of_an_ended_run_are_renamed_and_renamed_back(
    database: Database, database_url: str, ended: Run
) -> None:
    database.close()
    today = words(database_url, ended)
    command.downgrade(schema.config(database_url), "0013")
    assert words(database_url, ended) == (
        ["created", "claimed", "given_back", "claimed", "pause_wished", "cancel_wished", "cancelled"],
        ["given back", "stopped"],
    )
    schema.upgrade(database_url)
    assert words(database_url, ended) == today
    assert today[1] == ["returned", "stopped"]


def test_a_stop_request_outlives_the_renaming_of_its_column(
    database: Database, database_url: str, submit: Callable[..., Run], worker: Worker
) -> None:
    run_id = submit().id
    claim(database, worker)
    with database.transaction() as session:
        verbs.cancel(session, run_id, "ann")
    database.close()
    command.downgrade(schema.config(database_url), "0013")
    with psycopg.connect(libpq(database_url)) as connection:
        assert connection.execute("SELECT wish FROM runs").fetchone() == ("cancel",)
    schema.upgrade(database_url)
    with database.transaction() as session:
        assert verbs.get(session, run_id).stop_request == "cancel"


@pytest.mark.parametrize("change", ["UPDATE events SET actor = 'eve'", "UPDATE attempts SET worker = 'eve'"])
def test_the_past_is_guarded_again_after_a_migration_that_renames_in_it(
    database: Database, database_url: str, ended: Run, change: str
) -> None:
    database.close()
    command.downgrade(schema.config(database_url), "0013")
    schema.upgrade(database_url)
    with psycopg.connect(libpq(database_url)) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(f"{change} WHERE run_id = %s".encode(), (ended.id,))


def test_tables_of_a_newer_version_are_a_sentence(database_url: str) -> None:
    """It was a traceback that ended in "Can't locate revision"."""
    with psycopg.connect(libpq(database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerTables, match="upgraded by a newer version of Reslab"):
        schema.upgrade(database_url)


@pytest.mark.parametrize("arguments", [("api",), ("worker", "control"), ("worker", "run", "--device", "cpu")])
def test_no_process_starts_on_tables_of_a_newer_version(
    database_url: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with psycopg.connect(libpq(database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    environment = os.environ | {"RESLAB_DATABASE_URL": database_url, "RESLAB_STORAGE_URL": f"file://{tmp_path}"}
    with warm():
        ended = subprocess.run(
            [sys.executable, "-m", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert ended.returncode == 1
    assert ended.stderr.strip() == NEWER


def test_this_versions_tables_and_none_are_not_refused(database_url: str) -> None:
    refuse_newer(database_url)
    refuse_newer("postgresql+psycopg://nobody@127.0.0.1:1/none")
