"""The object store, a folder or S3, through obstore: upload and verify, read ranges, delete."""

import hashlib
import tempfile
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
TIMEOUT_S = 30  # so many parts of 5 MiB, the largest requests, end in this time on a line of 6 Mbit/s


class Objects:
    """Objects by key. Raises obstore.exceptions.BaseError where the store is away.

    An S3 store's endpoint, region and credentials come from the standard AWS_… variables (docs/deployment.md).
    A request is given up after `timeout_s`, and one that fails is tried again until `patience_s` have passed:
    short where a person waits, long where a run would be lost.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, patience_s: float = 3) -> None:
        parts = urlsplit(url)
        if parts.scheme == "file":
            Path(unquote(parts.path)).mkdir(parents=True, exist_ok=True)
            self._store = from_url(url)
        else:
            timeout = timedelta(seconds=timeout_s)
            self._store = from_url(
                url,
                # Given here, they replace what AWS_ALLOW_HTTP says: who names an http:// endpoint wants that one.
                client_options={"timeout": timeout, "connect_timeout": timeout / 4, "allow_http": True},
                retry_config={"max_retries": 1000, "retry_timeout": timedelta(seconds=patience_s)},
            )

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Uploads a file and reads it back: what is there afterwards has this hash. Raises StoreError where not."""
        obstore.put(self._store, key, path, max_concurrency=UPLOADS_AT_ONCE)
        hashed = hashlib.sha256()
        for part in self.read(key):
            hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise StoreError(f"object {key} reads back as {hashed.hexdigest()}, expected {sha256}")

    def copy(self, source: str, target: str, sha256: str) -> None:
        """Writes an object once more under another key. Raises NotFound, and StoreError where it is not the one.

        Through our hands: a copy that the store itself makes is as old as its source, and unverified.
        """
        with tempfile.TemporaryDirectory() as folder:
            self.fetch(source, Path(folder) / "copy", sha256)
            self.put(target, Path(folder) / "copy", sha256)

    def size(self, key: str) -> int:
        """Bytes. Raises NotFound."""
        try:
            return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError as error:
            raise NotFound(f"object {key} is gone from the store") from error

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes start … end-1 (the whole by default) in parts of at most 1 MiB or so. Raises NotFound."""
        size = self.size(key)
        for offset in range(start, min(end if end is not None else size, size), READ_BYTES):
            stop = min(offset + READ_BYTES, end if end is not None else size, size)
            yield bytes(obstore.get_range(self._store, key, start=offset, end=stop))

    def fetch(self, key: str, path: Path, sha256: str) -> None:
        """Downloads to a file, written aside and renamed. Raises NotFound, and StoreError where the hash differs."""
        aside = path.with_name(path.name + ".part")
        hashed = hashlib.sha256()
        try:
            with aside.open("wb") as file:
                for part in self.read(key):
                    hashed.update(part)
                    file.write(part)
            if hashed.hexdigest() != sha256:
                raise StoreError(f"object {key} has SHA-256 {hashed.hexdigest()}, its row says {sha256}")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def delete(self, keys: list[str]) -> None:
        """Deletes what is there of these keys."""
        for key in keys:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, key)

    def delete_prefix(self, prefix: str) -> None:
        """Deletes everything whose key starts with the prefix (a folder's, with its slash)."""
        for entries in obstore.list(self._store, prefix=prefix):
            self.delete([str(entry["path"]) for entry in entries])

    def list_keys(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Every key below a folder, and when its object was written (UTC)."""
        for entries in obstore.list(self._store, prefix=prefix):
            for entry in entries:
                yield str(entry["path"]), entry["last_modified"]

    def check(self) -> None:
        """Raises where the store cannot be asked at all."""
        next(iter(obstore.list(self._store, prefix="runs/", chunk_size=1)), None)
