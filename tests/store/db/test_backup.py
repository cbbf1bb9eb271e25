"""A backup holds the rows of one moment and every object that they name, and is restored whole or not at all."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import delete, select

from store import artifacts
from store.db import backup
from store.db.backup import MANIFEST, Manifest, back_up, restore
from store.db.database import Database, libpq
from store.db.errors import StoreError
from store.db.models import Artifact, Base, Run, Worker
from store.db.objects import Objects
from store.runs import attempts
from tests.store.conftest import claim
from trainer.events import Saved

Submit = Callable[..., Run]
Put = Callable[[str], str]
Take = Callable[[], Manifest]
Save = Callable[[int], str]


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """A database without tables, as on a new machine."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(libpq(postgres_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        yield f"{postgres_url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def elsewhere(tmp_path: Path) -> Objects:
    return Objects(f"file://{tmp_path}/elsewhere")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def take(database_url: str, objects: Objects, folder: Path) -> Callable[[], Manifest]:
    return lambda: back_up(database_url, objects, folder)


@pytest.fixture
def save(database: Database, submit: Submit, worker: Worker, put: Put) -> Callable[[int], str]:
    """Commits a checkpoint of a run in training, and returns its object's key."""
    submit()
    lease = claim(database, worker)

    def checkpoint(iteration: int) -> str:
        key = put(artifacts.key(lease.run.id, lease.attempt, f"checkpoint-{iteration}"))
        saved = Saved(
            iteration=iteration, role="checkpoint", format="safetensors", file=f"checkpoint-{iteration}",
            sha256=hashlib.sha256(key.encode()).hexdigest(), size_bytes=len(key),
        )  # fmt: skip
        with database.transaction() as session:
            artifacts.commit(session, attempts.lock(session, lease.run.id, lease.attempt), saved)
        return key

    return checkpoint


def content(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.transaction() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: sorted(map(str, session.execute(select(table)).mappings())) for table in tables}


def test_what_is_restored_equals_what_was_backed_up(
    database: Database, take: Take, named: str, submit: Submit, elsewhere: Objects, empty_url: str, folder: Path
) -> None:
    taken = take()
    assert [item.key for item in taken.objects] == [named]
    before = content(database)
    submit()  # what comes later is not in it
    assert restore(empty_url, elsewhere, folder) == taken
    restored = Database(empty_url)
    assert content(restored) == before
    restored.close()
    assert b"".join(elsewhere.read(named)) == named.encode()


def test_the_next_backup_copies_what_is_new_and_drops_what_is_gone(
    database: Database, take: Take, objects: Objects, save: Save, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = save(10), save(20)
    take()
    third = save(30)
    with database.transaction() as session:
        session.execute(delete(Artifact).where(Artifact.key == first))
    copied: list[str] = []
    fetch = objects.fetch

    def seen(key: str, path: Path, sha256: str) -> None:
        copied.append(key)
        fetch(key, path, sha256)

    monkeypatch.setattr(objects, "fetch", seen)
    take()
    assert copied == [third]
    files = [path for path in (folder / "objects").rglob("*") if path.is_file()]
    assert {str(path.relative_to(folder / "objects")) for path in files} == {second, third}
    assert len(list(folder.glob("rows-*.dump"))) == 1
    assert backup.problems(folder) == []


def test_rows_are_taken_again_where_an_object_was_superseded_meanwhile(
    database: Database, take: Take, objects: Objects, save: Save, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(10)
    fetch = objects.fetch

    def superseded(key: str, path: Path, sha256: str) -> None:
        with database.transaction() as session:
            session.execute(delete(Artifact).where(Artifact.key == key))
        objects.delete([key])
        fetch(key, path, sha256)

    monkeypatch.setattr(objects, "fetch", superseded)
    assert take().objects == []
    assert backup.problems(folder) == []


def test_a_damaged_backup_is_refused_before_anything_changes(
    take: Take, named: str, elsewhere: Objects, empty_url: str, folder: Path
) -> None:
    take()
    (folder / "objects" / named).write_text("something else")
    assert backup.problems(folder) == [f"{named} is damaged"]
    with pytest.raises(StoreError, match=f"can't be restored: {named} is damaged"):
        restore(empty_url, elsewhere, folder)
    (folder / "objects" / named).unlink()
    with pytest.raises(StoreError, match=f"{named} is missing"):
        restore(empty_url, elsewhere, folder)
    assert list(elsewhere.list_keys("runs/")) == []


def test_a_database_with_tables_is_not_restored_into(
    take: Take, database_url: str, named: str, elsewhere: Objects, folder: Path
) -> None:
    take()
    with pytest.raises(StoreError, match="has tables already"):
        restore(database_url, elsewhere, folder)


def test_a_folder_without_a_backup_and_a_manifest_that_leaves_it_are_refused(
    take: Take, named: str, elsewhere: Objects, empty_url: str, folder: Path
) -> None:
    with pytest.raises(StoreError, match="has no backup"):
        restore(empty_url, elsewhere, folder)
    taken = take()
    outside = taken.objects[0].model_copy(update={"key": "../../secret"})
    (folder / MANIFEST).write_text(taken.model_copy(update={"objects": [outside]}).model_dump_json())
    with pytest.raises(StoreError, match="outside of the backup"):
        restore(empty_url, elsewhere, folder)
    (folder / MANIFEST).write_text(taken.model_dump_json().replace("reslab-backup-1", "reslab-backup-2"))
    with pytest.raises(StoreError, match="of a newer version"):
        restore(empty_url, elsewhere, folder)
    assert Manifest.model_validate_json(taken.model_dump_json()) == taken
