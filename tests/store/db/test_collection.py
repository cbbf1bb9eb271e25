"""Collection: objects without a row are deleted unless young or in use, and missing objects are reported."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from store import artifacts, history
from store.db.collection import collect
from store.db.database import Database
from store.db.errors import StoreError
from store.db.models import Run, Worker
from store.db.objects import Objects
from store.runs import attempts
from tests.store.conftest import claim
from trainer.events import Saved

Submit = Callable[..., Run]
NOW = timedelta(0)


def keys(objects: Objects) -> set[str]:
    return {key for prefix in ("runs/", "datasets/") for key, _ in objects.list_keys(prefix)}


def test_an_object_that_no_row_names_is_deleted_after_a_day(
    database: Database, objects: Objects, named: str, put: Callable[[str], str]
) -> None:
    orphan = put("runs/00000000-0000-0000-0000-000000000000/1/weights-10")
    assert collect(database, objects).removed == []  # young: a row may be about to name it
    assert collect(database, objects, NOW).removed == [orphan]
    assert keys(objects) == {named}


def test_an_upload_of_a_run_in_training_is_never_deleted(
    database: Database, objects: Objects, named: str, submit: Submit, worker: Worker, put: Callable[[str], str]
) -> None:
    submit()
    lease = claim(database, worker)
    waiting = put(artifacts.key(lease.run.id, lease.attempt, "checkpoint-20"))
    assert collect(database, objects, NOW).removed == []
    with database.transaction() as session:
        attempts.fail(session, lease.run.id, lease.attempt, "diverged", "loss is nan")
    assert collect(database, objects, NOW).removed == [waiting]


def test_a_missing_object_is_reported_once_and_its_row_is_valid_again_when_it_is_back(
    database: Database, objects: Objects, named: str, submit: Submit, worker: Worker, put: Callable[[str], str]
) -> None:
    run_id = named.split("/")[1]
    other = put("datasets/none")  # the store is not empty
    objects.delete([named])
    with pytest.raises(StoreError, match="has none of the 1 objects"):
        collect(database, objects)
    submit()
    lease = claim(database, worker)
    put(artifacts.key(lease.run.id, lease.attempt, "checkpoint-10"))
    with database.transaction() as session:
        saved = Saved(
            iteration=10, role="checkpoint", format="safetensors", file="checkpoint-10", sha256="0", size_bytes=1
        )
        artifacts.commit(session, attempts.lock(session, lease.run.id, lease.attempt), saved)
    for _ in range(2):
        assert collect(database, objects).missing == [named]
    with database.transaction() as session:
        (row,) = artifacts.of_run(session, Run(id=run_id).id)
        warnings = history.page(session, row.run_id, kinds=["warned"])
    assert row.missing_at is not None
    assert [event.body["message"] for event in warnings] == [
        "missing from the object store: checkpoint (safetensors) of iteration 10"
    ]
    put(named)
    assert collect(database, objects).missing == []
    with database.transaction() as session:
        assert artifacts.of_run(session, row.run_id)[0].missing_at is None
    assert other in keys(objects)


def test_an_operator_can_start_a_collection(
    database_url: str, storage_url: str, named: str, put: Callable[[str], str], objects: Objects
) -> None:
    orphan = put("datasets/left-over")
    result = subprocess.run(
        [sys.executable, "-P", "-m", "store", "collect", "--older-than", "0"],
        env={**os.environ, "RESLAB_DATABASE_URL": database_url, "RESLAB_STORAGE_URL": storage_url},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout == f"removed {orphan}\n"
    assert keys(objects) == {named}


def test_what_a_killed_upload_left_aside_is_removed_after_a_day(database: Database, objects: Objects) -> None:
    left, young = objects.aside / "upload-left", objects.aside / "upload-young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "archive").write_text("half")
    a_day_ago = time.time() - 86_401
    os.utime(left, (a_day_ago, a_day_ago))
    collect(database, objects)
    assert [path.name for path in objects.aside.iterdir()] == ["upload-young"]
