"""Owns the fetching of published files: once, checked by hash, whole or absent."""

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
class Published:
    """A file as its publisher offers it. The MD5 is the publisher's own; it guards against damage, not malice."""

    name: str
    md5: str
    urls: tuple[str, ...] = ()


def fetch(published: Published, folder: Path) -> Path:
    """The file in `folder`, downloaded if it is not there yet.

    Raises Failure(`data`) that names the file and its place, where it can be had from none of its addresses or is
    another file than the published one.
    """
    path = folder / published.name
    if path.exists():
        verify(path, published.md5)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    troubles = []
    for url in published.urls:
        try:
            _download(url, path, published.md5)
        except (OSError, urllib.error.URLError, Failure) as error:
            troubles.append(f"{url}: {error}")
        else:
            return path
    raise Failure(
        "data",
        f"{published.name} is missing and could not be downloaded ({'; '.join(troubles)}). "
        f"Put the file {published.name} (MD5 {published.md5}) at {path.absolute()} and run again",
    )


def verify(path: Path, md5: str) -> None:
    """Raises Failure(`data`) where the file is another one than was published."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != md5:
        raise Failure("data", f"{path.absolute()} is not the published file: its MD5 is {found}, not {md5}")


def _download(url: str, path: Path, md5: str) -> None:
    log.info("downloading %s", url)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    told = monotonic()
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, aside.open("xb") as file:  # noqa: S310 -- our own addresses
            while chunk := answer.read(CHUNK_BYTES):
                file.write(chunk)
                if monotonic() - told > 5:
                    told = monotonic()
                    log.info("%s: %.0f MB so far", path.name, file.tell() / 1e6)
        verify(aside, md5)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
