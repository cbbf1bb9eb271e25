"""Opens a certificate in either of its forms: the signed zip, or the in-toto envelope beside its unpacked files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from studies.certificate import bundle
from studies.certificate.bundle import InvalidCertificate
from studies.certificate.folder import Folder


class Files(Protocol):
    """A certificate's files by name. Each verb raises InvalidCertificate if the file is missing or damaged."""

    def size(self, name: str) -> int: ...
    def content(self, name: str, most_bytes: int | None = None) -> bytes: ...
    def parts(self, name: str) -> Iterator[bytes]: ...
    def beginning(self, name: str, size_bytes: int) -> bytes: ...


@contextmanager
def opened(path: Path) -> Iterator[Files]:
    """The files of the zip, or those beside the envelope. Raises InvalidCertificate."""
    if is_envelope(path):
        yield Folder(path.parent)
    else:
        with bundle.opened(path) as archive:
            yield archive


def is_envelope(path: Path) -> bool:
    """Whether the file is JSON rather than a zip. Raises InvalidCertificate if it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(1) == b"{"
    except OSError as error:
        raise InvalidCertificate(f"It can't be read: {error.strerror}.") from error
