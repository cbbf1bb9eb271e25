"""Owns the hashes of files that were read before: a large data set is read whole once, and not at every start."""

import hashlib
import secrets
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trainer.manifest import sha256

Seen = tuple[int, int, str]  # size in bytes, time of the last change in ns, SHA-256
_SEEN: TypeAdapter[dict[str, Seen]] = TypeAdapter(dict[str, Seen])


class Hashes:
    """SHA-256 by path. A file whose size or time of change is another is read again."""

    def __init__(self, folder: Path, kept_in: Path) -> None:
        """What is known of the files below `folder`, kept in the folder `kept_in`."""
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
        self._file = kept_in / f"{name}.json"
        self._known: dict[str, Seen] = {}
        self._found: dict[str, Seen] = {}
        if self._file.exists():
            try:
                self._known = _SEEN.validate_json(self._file.read_bytes())
            except ValidationError:
                self._known = {}  # torn: everything is read again

    def of(self, path: Path) -> str:
        """SHA-256 of the file's content, in hex."""
        state = path.stat()
        known = self._known.get(str(path))
        is_same = known is not None and known[:2] == (state.st_size, state.st_mtime_ns)
        digest = known[2] if known and is_same else sha256(path)
        self._found[str(path)] = (state.st_size, state.st_mtime_ns, digest)
        return digest

    def keep(self) -> None:
        """Remember what `of` was asked for. Written aside and renamed: several runs may do this at once."""
        if self._found == self._known:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        aside.write_bytes(_SEEN.dump_json(self._found))
        aside.rename(self._file)
