"""Each released schema migrates to today's, with its rows (released/README.md)."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from reslab.stack.postgres import _binaries
from store.curves import points
from store.db import schema
from store.db.database import Database, libpq
from store.runs import verbs

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql.gz"))
# What a migration may change in old rows, with its reason: table, column.
CHANGED: set[tuple[str, str]] = {("alembic_version", "version_num")}  # it counts the migrations

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=RELEASED, ids=lambda path: path.name.removesuffix(".sql.gz"))
def released_url(request: pytest.FixtureRequest, postgres_url: str, operator: psycopg.Connection) -> Iterator[str]:
    """A database as that release left it."""
    name = f"released_{uuid4().hex}"
    operator.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    url = f"{postgres_url.rpartition('/')[0]}/{name}"
    psql = [str(_binaries() / "psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", libpq(url)]
    subprocess.run(psql, input=gzip.decompress(request.param.read_bytes()), check=True, stdout=subprocess.DEVNULL)
    yield url
    operator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def rows(url: str) -> Rows:
    """Every row of every table."""
    with psycopg.connect(libpq(url)) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {name: [row for (row,) in connection.execute(_every_row(name))] for (name,) in names}


def _every_row(table: str) -> sql.Composed:
    return sql.SQL("SELECT to_jsonb(one) FROM {} AS one").format(sql.Identifier(table))


def lost(before: Rows, after: Rows) -> Iterator[str]:
    """What is missing after the upgrade: a table, or a row with the values that its old columns had."""
    for table, old in before.items():
        if table not in after:
            yield f"table {table}"
        elif old:
            columns = (old[0].keys() & {name for row in after[table] for name in row}) - _changed(table)
            present = {_part(row, columns) for row in after[table]}
            yield from (f"{table}: {part}" for row in old if (part := _part(row, columns)) not in present)


def _changed(table: str) -> set[str]:
    return {column for name, column in CHANGED if name == table}


def _part(row: dict[str, Any], columns: set[str]) -> str:
    return json.dumps({name: row[name] for name in sorted(columns)})


def test_every_row_is_kept_and_the_tables_are_todays(released_url: str) -> None:
    before = rows(released_url)
    schema.upgrade(released_url)
    schema.check(released_url)
    assert list(lost(before, rows(released_url))) == []
    assert {"runs", "events", "step_chunks", "api_keys", "studies"} <= {table for table, old in before.items() if old}


def test_a_lost_row_would_be_noticed(released_url: str) -> None:
    before = rows(released_url)
    with psycopg.connect(libpq(released_url)) as connection:
        connection.execute("UPDATE projects SET about = 'another' WHERE name = 'residual'")
    (line,) = lost(before, rows(released_url))
    assert "the paper's networks" in line


def test_its_runs_can_be_read(released_url: str) -> None:
    old = {UUID(run["id"]): run["status"] for run in rows(released_url)["runs"]}
    schema.upgrade(released_url)
    database = Database(released_url)
    with database.transaction() as session:
        runs = {run_id: verbs.get(session, run_id) for run_id in old}
        assert {run_id: run.status for run_id, run in runs.items()} == old
        assert set(old.values()) == {"succeeded", "running", "cancelled", "paused", "queued"}
        (run_id,) = (run_id for run_id, status in old.items() if status == "succeeded")
        curve = points.read(session, [run_id], ["train_loss"], 1, 3000)[run_id, "train_loss"]
        assert [float(value) for value in curve.value] == [iteration / 8 for iteration in range(1, 1501)]
    database.close()
