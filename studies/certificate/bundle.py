"""The certificate's file: a zip of stored entries without dates, whose archive comment is an Ed25519 signature.

The signature covers the SHA-256 of every byte before it, headers included, so a single flipped bit invalidates it.
Equal contents give equal bytes, because nothing is compressed, dated or random.
"""

import hashlib
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64
PART_BYTES = 1024 * 1024
# Sizes of the zip format's records: a local header without its name, the end of the directory, and zip64's two records.
LOCAL_HEADER_BYTES, END_BYTES, LOCATOR_BYTES, END64_BYTES = 30, 22, 20, 56
# 2,000 members with curves and weights take 600 kB.
MOST_DIRECTORY_BYTES = 4 * 1024 * 1024
# What zipfile raises for a broken header.
BROKEN = (zipfile.BadZipFile, struct.error, KeyError, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)
# Signed together with the contents, so that the signature is valid for certificates only.
PURPOSE = b"reslab certificate\0"


class InvalidCertificate(ValueError):
    """The file is not what its service signed. The message says what is wrong."""


def write(file: IO[bytes], entries: Iterable[tuple[str, Iterable[bytes]]], key: Ed25519PrivateKey) -> None:
    """Writes the entries in order, and signs them."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
        for name, parts in entries:
            info = zipfile.ZipInfo(name)  # dated 1980, the earliest date of a zip
            info.create_system, info.external_attr = 3, 0o644 << 16
            with bundle.open(info, "w", force_zip64=True) as entry:
                for part in parts:
                    entry.write(part)
        bundle.comment = bytes(SIGNATURE_BYTES)
    size = file.seek(-SIGNATURE_BYTES, 2)
    signature = key.sign(_digest(file, size))
    file.seek(size)
    file.write(signature)


def check(file: IO[bytes], public_key: str) -> None:
    """Raises InvalidCertificate if another key signed the file, or if any byte has changed."""
    size = file.seek(0, 2) - SIGNATURE_BYTES
    digest = _digest(file, size)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(file.read(), digest)
    except (InvalidSignature, ValueError) as error:
        raise InvalidCertificate("The signature does not match: this file was changed after it was signed.") from error


class Bundle:
    """An open certificate. `entries` are its files by name, whose sizes add up to no more than the file's own."""

    def __init__(self, archive: zipfile.ZipFile, size_bytes: int) -> None:
        self._archive = archive
        infos = archive.infolist()
        self.entries: Mapping[str, zipfile.ZipInfo] = {info.filename: info for info in infos}
        if len(self.entries) != len(infos):
            raise InvalidCertificate("This is not a certificate: two of its entries have the same name.")
        if any(info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size for info in infos):
            raise InvalidCertificate("This is not a certificate: its entries are compressed.")  # 1 kB may become GBs
        # Entries that share bytes would be read many times: 2,000 entries of the same gigabyte are 2 TB to hash.
        ends = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < ends:
                raise InvalidCertificate("This is not a certificate: its entries overlap.")
            ends = info.header_offset + LOCAL_HEADER_BYTES + info.file_size
        if ends > size_bytes:
            raise InvalidCertificate("This is not a certificate: it is shorter than its entries.")

    def size(self, name: str) -> int:
        """Bytes. Raises InvalidCertificate if the entry is missing."""
        if name not in self.entries:
            raise InvalidCertificate(f"{name} is missing.")
        return self.entries[name].file_size

    def content(self, name: str, most_bytes: int | None = None) -> bytes:
        """Raises InvalidCertificate if the entry is missing, damaged, or larger than `most_bytes`."""
        if most_bytes is not None and self.size(name) > most_bytes:
            raise InvalidCertificate(f"{name} is larger than {most_bytes:,} bytes.")
        return b"".join(self.parts(name))

    def parts(self, name: str) -> Iterator[bytes]:
        """Raises InvalidCertificate if the entry is missing or damaged."""
        try:
            with self._archive.open(name) as entry:
                while part := entry.read(PART_BYTES):
                    yield part
        except BROKEN as error:
            raise InvalidCertificate(f"{name} can't be read: {error}.") from error

    def beginning(self, name: str, size_bytes: int) -> bytes:
        """Its first bytes. Raises InvalidCertificate if the entry is missing or damaged."""
        try:
            with self._archive.open(name) as entry:
                return entry.read(size_bytes)
        except BROKEN as error:
            raise InvalidCertificate(f"{name} can't be read: {error}.") from error


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """The file's entries, read once. Raises InvalidCertificate if the file is not a zip as `write` writes it."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            size_bytes = file.seek(0, 2)
            _check_directory(file, size_bytes)
            bundle = Bundle(stack.enter_context(zipfile.ZipFile(file)), size_bytes)
        except InvalidCertificate:
            raise
        except BROKEN as error:
            raise InvalidCertificate(f"This is not a certificate: {error}.") from error
        yield bundle


def _check_directory(file: IO[bytes], size_bytes: int) -> None:
    """Refuses a directory that is too large for memory, because zipfile reads it whole before anything is checked."""
    file.seek(max(0, size_bytes - SIGNATURE_BYTES - END_BYTES - LOCATOR_BYTES - END64_BYTES))
    tail = file.read()
    end = tail[-SIGNATURE_BYTES - END_BYTES :]
    if end[:4] != b"PK\5\6" or int.from_bytes(end[20:22], "little") != SIGNATURE_BYTES:
        raise InvalidCertificate("This is not a certificate: it does not end with a signature.")
    sizes = [int.from_bytes(end[12:16], "little")]
    if tail[END64_BYTES:].startswith(b"PK\6\7"):  # zip64: then zipfile believes the 64-bit size
        sizes.append(int.from_bytes(tail[40:48], "little"))
    if max(sizes) > MOST_DIRECTORY_BYTES:
        raise InvalidCertificate(f"This is not a certificate: its directory has {max(sizes):,} bytes.")


def read(path: Path) -> Mapping[str, zipfile.ZipInfo]:
    """The entries by name. Raises InvalidCertificate as `opened` does."""
    with opened(path) as bundle:
        return bundle.entries


def content(path: Path, name: str) -> bytes:
    """One entry of a file that is not open. Raises InvalidCertificate if it is missing or damaged."""
    with opened(path) as bundle:
        return bundle.content(name)


def _digest(file: IO[bytes], size: int) -> bytes:
    """The digest of the first `size` bytes; the file is then positioned after them."""
    hashed = hashlib.sha256()
    file.seek(0)
    left = size
    while left > 0 and (part := file.read(min(left, PART_BYTES))):
        hashed.update(part)
        left -= len(part)
    return PURPOSE + hashed.digest()
