"""Objects, and rows that name them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from store import artifacts
from store.db.database import Database
from store.db.models import Run, Worker
from store.db.objects import Objects
from store.runs import attempts
from tests.store.conftest import claim
from trainer.events import Saved

Submit = Callable[..., Run]


@pytest.fixture
def put(objects: Objects, tmp_path: Path) -> Callable[[str], str]:
    def upload(key: str) -> str:
        (tmp_path / "content").write_text(key)
        objects.put(key, tmp_path / "content", hashlib.sha256(key.encode()).hexdigest())
        return key

    return upload


@pytest.fixture
def named(database: Database, submit: Submit, worker: Worker, put: Callable[[str], str]) -> str:
    """The object of a checkpoint whose run has failed."""
    submit()
    lease = claim(database, worker)
    key = put(artifacts.key(lease.run.id, lease.attempt, "checkpoint-10"))
    saved = Saved(
        iteration=10, role="checkpoint", format="safetensors", file="checkpoint-10",
        sha256=hashlib.sha256(key.encode()).hexdigest(), size_bytes=len(key),
    )  # fmt: skip
    with database.transaction() as session:
        artifacts.commit(session, attempts.lock(session, lease.run.id, lease.attempt), saved)
    with database.transaction() as session:
        attempts.fail(session, lease.run.id, lease.attempt, "diverged", "loss is nan")
    return key
