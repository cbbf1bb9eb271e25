"""The certificate's file: a zip of stored entries without dates, whose archive comment is an Ed25519 signature.

The signature covers the SHA-256 of every byte before it, headers included, so a single flipped bit invalidates it.
Equal contents give equal bytes, because nothing is compressed, dated or random.
"""

import hashlib
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64
PART_BYTES = 1024 * 1024
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


def read(path: Path) -> Mapping[str, zipfile.ZipInfo]:
    """The entries by name. Raises InvalidCertificate if the file is not a zip."""
    try:
        with zipfile.ZipFile(path) as bundle:
            entries = {info.filename: info for info in bundle.infolist()}
    except BROKEN as error:
        raise InvalidCertificate(f"This is not a certificate: {error}.") from error
    if any(info.compress_type != zipfile.ZIP_STORED for info in entries.values()):
        raise InvalidCertificate("This is not a certificate: its entries are compressed.")  # 1 kB may become GBs
    return entries


def content(path: Path, name: str) -> bytes:
    """Raises InvalidCertificate if the entry is missing or damaged."""
    return b"".join(parts(path, name))


def parts(path: Path, name: str) -> Iterator[bytes]:
    """Raises InvalidCertificate if the entry is missing or damaged."""
    try:
        with zipfile.ZipFile(path) as bundle, bundle.open(name) as entry:
            while part := entry.read(PART_BYTES):
                yield part
    except BROKEN as error:
        raise InvalidCertificate(f"{name} can't be read: {error}.") from error


def fingerprint(public_key: str) -> str:
    """The first half of the key's SHA-256 in groups of four, short enough to compare by eye."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def _digest(file: IO[bytes], size: int) -> bytes:
    """The digest of the first `size` bytes; the file is then positioned after them."""
    hashed = hashlib.sha256()
    file.seek(0)
    left = size
    while left > 0 and (part := file.read(min(left, PART_BYTES))):
        hashed.update(part)
        left -= len(part)
    return PURPOSE + hashed.digest()
