"""A run's storage, and that deleting the run frees all of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from store.db.database import Database
from store.db.models import Base
from store.db.objects import Objects
from store.runs.samples import Machine
from tests.api import progress
from tests.api.conftest import SPEC

Post = Callable[..., dict[str, Any]]
RUNS = "/api/v1/runs"
MACHINE = Machine(cpu=1.0, ram_bytes=1e9)


@pytest.fixture
def whole(client: httpx.Client, database: Database, objects: Objects, tmp_path: Path) -> str:
    """A run that has succeeded, with something in every table that a run can be in."""
    run = client.post(RUNS, json={"spec": SPEC}, headers={"Idempotency-Key": "again"}).json()
    claim = progress.claim(database)
    progress.tell(database, claim, 1, progress.started(), progress.steps(1, 300), MACHINE, progress.evaluated(300, 5.0))
    progress.tell(database, claim, 2, progress.steps(301, 100), progress.evaluated(400, 5.0, "val"))
    progress.log(database, claim, 1, "a line\n" * 50)
    progress.save(database, objects, claim, b"state" * 1000, tmp_path, role="checkpoint")
    progress.save(database, objects, claim, b"weights" * 1000, tmp_path)
    progress.finish(database, claim.run.id, claim.attempt)
    return str(run["id"])


def holding(database: Database, run: str) -> set[str]:
    """The tables with a row that names the run in any column. The audit trail keeps one: it says who deleted it."""
    with database.transaction() as session:
        return {
            name
            for name in Base.metadata.tables
            if name != "audit"
            and session.scalar(text(f"SELECT count(*) FROM {name} row WHERE row::text LIKE :run"), {"run": f"%{run}%"})  # noqa: S608 (our own names)
        }


def test_the_size_adds_up_curves_log_history_and_files(client: httpx.Client, whole: str) -> None:
    size = client.get(f"{RUNS}/{whole}/size").json()
    assert (size["files"], size["files_bytes"]) == (2, 12_000)
    assert size["log_bytes"] >= 50  # 350 characters and their levels, which Postgres may compress
    assert 400 * 4 <= size["curves_bytes"] <= 400 * 12 + 2000  # three float32 columns; lr compresses
    assert 1000 <= size["history_bytes"] <= 10_000
    parts = ("curves_bytes", "log_bytes", "history_bytes", "files_bytes")
    assert size["total_bytes"] == sum(size[part] for part in parts)


def test_a_waiting_run_occupies_only_its_history(client: httpx.Client, post: Post) -> None:
    size = client.get(f"{RUNS}/{post()['id']}/size").json()
    assert size["history_bytes"] == size["total_bytes"] > 500


def test_a_deleted_run_leaves_nothing_in_any_table_nor_in_the_store(
    client: httpx.Client, whole: str, database: Database, tmp_path: Path
) -> None:
    assert holding(database, whole) == {
        "runs", "attempts", "events", "step_chunks", "sample_chunks", "evaluations", "artifacts", "logs", "log_chunks",
        "idempotency_keys",
    }  # fmt: skip
    assert len([path for path in (tmp_path / "objects").rglob("*") if path.is_file()]) == 2
    assert client.delete(f"{RUNS}/{whole}").status_code == 204
    assert holding(database, whole) == set()
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []
    assert client.get(f"{RUNS}/{whole}").status_code == 404
    assert client.delete(f"{RUNS}/{whole}").status_code == 404
