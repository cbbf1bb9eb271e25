"""Owns the download of published files: once, checked by hash, complete or absent."""

import hashlib
import logging
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from trainer.failure import Failure

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 30
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublishedFile:
    """A published file. The MD5 is the publisher's; it guards against damage, not malice."""

    name: str
    md5: str
    urls: tuple[str, ...] = ()


def fetch(file: PublishedFile, folder: Path) -> Path:
    """The file in `folder`, downloaded if it is not there yet.

    Raises Failure(`data`), naming the file and its path, if every download fails or the file differs from the
    published one.
    """
    path = folder / file.name
    if path.exists():
        verify(path, file.md5)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    errors = []
    for url in file.urls:
        try:
            _download(url, path, file.md5)
        except (OSError, urllib.error.URLError, Failure) as error:
            errors.append(f"{url}: {error}")
        else:
            return path
    raise Failure(
        "data",
        f"{file.name} is missing and could not be downloaded ({'; '.join(errors)}). "
        f"Put {file.name} (MD5 {file.md5}) at {path.absolute()} and run again.",
    )


def verify(path: Path, md5: str) -> None:
    """Raise Failure(`data`) if the file is not the published one."""
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "md5").hexdigest()
    if actual != md5:
        raise Failure("data", f"{path.absolute()} is not the published file: its MD5 is {actual}, not {md5}.")


def _download(url: str, path: Path, md5: str) -> None:
    log.info("downloading %s", url)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    logged_s = monotonic()
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response, aside.open("xb") as file:  # noqa: S310 -- our own addresses
            while chunk := response.read(CHUNK_BYTES):
                file.write(chunk)
                if monotonic() - logged_s > 5:
                    logged_s = monotonic()
                    log.info("%s: %.0f MB so far", path.name, file.tell() / 1e6)
        verify(aside, md5)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
