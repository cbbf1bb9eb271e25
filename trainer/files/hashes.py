"""Owns remembered file hashes, so that a large data set is not read at every start."""

import hashlib
import secrets
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trainer.manifest import sha256

Record = tuple[int, int, str]  # size in bytes, time of the last change in ns, SHA-256
_RECORDS: TypeAdapter[dict[str, Record]] = TypeAdapter(dict[str, Record])


class Hashes:
    """SHA-256 by path. A file is read again when its size or its time of change differs."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """The hashes of files below `folder`, remembered in the folder `cache`."""
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
        self._file = cache / f"{name}.json"
        self._remembered: dict[str, Record] = {}
        self._current: dict[str, Record] = {}
        if self._file.exists():
            try:
                self._remembered = _RECORDS.validate_json(self._file.read_bytes())
            except ValidationError:
                self._remembered = {}  # damaged: every file is read again

    def of(self, path: Path) -> str:
        """The SHA-256 of the file's content, in hex."""
        state = path.stat()
        record = self._remembered.get(str(path))
        is_same = record is not None and record[:2] == (state.st_size, state.st_mtime_ns)
        digest = record[2] if record and is_same else sha256(path)
        self._current[str(path)] = (state.st_size, state.st_mtime_ns, digest)
        return digest

    def keep(self) -> None:
        """Remember the hashes that `of` returned. Written aside and renamed: several runs may do this at once."""
        if self._current == self._remembered:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        aside.write_bytes(_RECORDS.dump_json(self._current))
        aside.rename(self._file)
