"""Owns the files of an annotated data set: found by plain names, measured, hashed. Loads no torch."""

import hashlib
from pathlib import Path

from trainer.data.decoding import size_of
from trainer.files.hashes import Hashes
from trainer.manifest import BadDataSet


class Files:
    """The files of a data set that a reader opened; their names and contents make the data set's hash."""

    def __init__(self, root: Path, hashes: Hashes) -> None:
        self._root = root
        self._hashes = hashes
        self._digests: dict[str, str] = {}

    def open(self, path: Path, most_bytes: int) -> bytes:
        """The content of an annotation or a list. Raises BadDataSet if it is missing, too large or a link."""
        name = self._name(path)
        if (size := path.stat().st_size) > most_bytes:
            raise BadDataSet(f"{name} has {size:,} bytes; at most {most_bytes:,} are allowed.")
        self._digests[name] = self._hashes.of(path)
        return path.read_bytes()

    def image(self, path: Path) -> tuple[str, tuple[int, int]]:
        """An image's name below the root, and its width and height. Raises BadDataSet if it cannot be used."""
        name = self._name(path)
        self._digests[name] = self._hashes.of(path)
        return name, size_of(path, name)

    def hash(self) -> str:
        """SHA-256 over the sorted lines "path<tab>sha256", in hex."""
        self._hashes.keep()
        lines = (f"{name}\t{digest}\n" for name, digest in sorted(self._digests.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _name(self, path: Path) -> str:
        name = path.relative_to(self._root).as_posix()
        # A link could expose files outside the data set, and its target could change after it was hashed.
        if path.is_symlink():
            raise BadDataSet(f"{name} is a link. Replace it with the file itself.")
        if not path.is_file():
            raise BadDataSet(f"{name} is missing.")
        return name


def plain_name(name: str, source: str) -> str:
    """The name of a file without a folder. Raises BadDataSet if an annotation points elsewhere."""
    if name in ("", ".", "..") or not name.isprintable() or any(letter in name for letter in "/\\"):
        raise BadDataSet(f"{source} names the file {name[:80]!r}. Only a file name without a folder is allowed.")
    return name
