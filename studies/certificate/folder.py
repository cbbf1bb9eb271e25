"""An unpacked certificate: the same files as in the zip, in a folder, with the in-toto envelope among them."""

from collections.abc import Iterator
from pathlib import Path

from studies.certificate.bundle import PART_BYTES, InvalidCertificate


class Folder:
    """The files beside an envelope, by the names that it lists."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def size(self, name: str) -> int:
        """Bytes. Raises InvalidCertificate if the file is missing or is not a file of this folder."""
        return self._path(name).stat().st_size

    def content(self, name: str, most_bytes: int | None = None) -> bytes:
        """Raises InvalidCertificate if the file is missing or larger than `most_bytes`."""
        if most_bytes is not None and self.size(name) > most_bytes:
            raise InvalidCertificate(f"{name} is larger than {most_bytes:,} bytes.")
        return b"".join(self.parts(name))

    def parts(self, name: str) -> Iterator[bytes]:
        """Raises InvalidCertificate if the file is missing."""
        with self._path(name).open("rb") as file:
            while part := file.read(PART_BYTES):
                yield part

    def beginning(self, name: str, size_bytes: int) -> bytes:
        """Its first bytes. Raises InvalidCertificate if the file is missing."""
        with self._path(name).open("rb") as file:
            return file.read(size_bytes)

    def _path(self, name: str) -> Path:
        """The names come from the envelope, whose signer may be anybody: none may lead elsewhere."""
        path = self._root / name
        try:
            is_own = path.resolve() == path and path.is_relative_to(self._root) and path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            is_own = False
        if not is_own:
            raise InvalidCertificate(f"{name} is missing beside the envelope.")
        return path
