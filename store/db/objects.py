"""The object store, a folder or S3, through obstore: upload and verify, read ranges, delete."""

import errno
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import from_url

from store.db.errors import NotFound, StoreError

READ_BYTES = 1024 * 1024
UPLOADS_AT_ONCE = 4
TIMEOUT_S = 30  # UPLOADS_AT_ONCE parts of 5 MiB, the largest requests, take this long at 6 Mbit/s


def is_full(error: BaseException) -> bool:
    """Whether the store is a folder whose disk is full: obstore has no error of its own for it."""
    return f"(os error {errno.ENOSPC})" in str(error)


class Objects:
    """Objects by key. Raises obstore.exceptions.BaseError if the store can't be reached.

    An S3 store's endpoint, region and credentials come from the standard AWS_… variables (docs/deployment.md).
    A request times out after `timeout_s`, and a failed request is repeated until `patience_s` have passed: short if a
    person waits, long if a run would be lost.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, patience_s: float = 3) -> None:
        parts = urlsplit(url)
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        if self.folder:
            (self.folder / ".aside").mkdir(parents=True, exist_ok=True)
            self._store = from_url(url)
        else:
            timeout = timedelta(seconds=timeout_s)
            self._store = from_url(
                url,
                # These replace AWS_ALLOW_HTTP: an operator who names an http:// endpoint wants it.
                client_options={"timeout": timeout, "connect_timeout": timeout / 4, "allow_http": True},
                retry_config={"max_retries": 1000, "retry_timeout": timedelta(seconds=patience_s)},
            )

    @property
    def aside(self) -> Path:
        """A folder for files before they are objects: on the same disk, if the store is a folder; else the machine's
        own for temporary files.
        """
        return self.folder / ".aside" if self.folder else Path(tempfile.gettempdir())

    def sweep(self, older_than: timedelta) -> None:
        """Removes what uploads whose process was killed have left aside, if the store is a folder."""
        oldest = time.time() - older_than.total_seconds()
        for entry in self.aside.iterdir() if self.folder else ():
            with suppress(OSError):  # another sweep, or its own process, was faster
                if entry.stat().st_mtime < oldest:
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Uploads a file and reads it back. Raises StoreError if the object doesn't have this hash."""
        obstore.put(self._store, key, path, max_concurrency=UPLOADS_AT_ONCE)
        hashed = hashlib.sha256()
        for part in self.read(key):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise StoreError(f"object {key} reads back with SHA-256 {hashed.hexdigest()}, expected {sha256}")

    def copy(self, source: str, target: str, sha256: str) -> None:
        """Copies an object to another key. Raises NotFound, and StoreError if the hash differs.

        Downloads and uploads it: a copy made by the store itself would be as old as its source, and unverified.
        """
        with tempfile.TemporaryDirectory(dir=self.aside) as folder:
            self.fetch(source, Path(folder) / "copy", sha256)
            self.put(target, Path(folder) / "copy", sha256)

    def size(self, key: str) -> int:
        """Returns the size in bytes. Raises NotFound."""
        try:
            return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError as error:
            raise NotFound(f"The object {key} is missing from the store.") from error

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yields the bytes start … end-1 (all by default) in parts of about 1 MiB. Raises NotFound."""
        size = self.size(key)
        for offset in range(start, min(end if end is not None else size, size), READ_BYTES):
            stop = min(offset + READ_BYTES, end if end is not None else size, size)
            yield bytes(obstore.get_range(self._store, key, start=offset, end=stop))

    def fetch(self, key: str, path: Path, sha256: str) -> None:
        """Downloads to a temporary file and renames it. Raises NotFound, and StoreError if the hash differs."""
        aside = path.with_name(path.name + ".part")
        hashed = hashlib.sha256()
        try:
            with aside.open("wb") as file:
                for part in self.read(key):
                    hashed.update(part)
                    file.write(part)
            if hashed.hexdigest() != sha256:
                raise StoreError(f"object {key} has SHA-256 {hashed.hexdigest()}, but its row says {sha256}")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def delete(self, keys: list[str]) -> None:
        """Deletes these objects. Ignores keys that don't exist."""
        for key in keys:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, key)

    def delete_prefix(self, prefix: str) -> None:
        """Deletes all objects whose key starts with the prefix (for a folder, with its slash)."""
        for entries in obstore.list(self._store, prefix=prefix):
            self.delete([str(entry["path"]) for entry in entries])

    def list_keys(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yields every key below a folder, and when its object was written (UTC)."""
        for entries in obstore.list(self._store, prefix=prefix):
            for entry in entries:
                yield str(entry["path"]), entry["last_modified"]

    def check(self) -> None:
        """Raises if the store can't be reached."""
        next(iter(obstore.list(self._store, prefix="runs/", chunk_size=1)), None)
