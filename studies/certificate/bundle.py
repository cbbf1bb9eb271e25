"""The file itself: a zip of stored entries without a date, whose archive comment is an Ed25519 signature.

The signature is of the SHA-256 of every byte before it, headers included: one flipped bit anywhere ends it. Equal
contents make equal bytes, as nothing is compressed, dated or drawn.
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
# What zipfile raises where a header is broken.
BROKEN = (zipfile.BadZipFile, struct.error, KeyError, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)
# What was signed was signed as this, and as nothing else.
PURPOSE = b"reslab certificate\0"


class Forged(ValueError):
    """The file is not what its service signed; the message says what is wrong."""


def write(file: IO[bytes], entries: Iterable[tuple[str, Iterable[bytes]]], key: Ed25519PrivateKey) -> None:
    """Writes the entries in their order and signs them."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
        for name, parts in entries:
            info = zipfile.ZipInfo(name)  # of 1980, the beginning of a zip's time
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
    """Raises Forged where another key than this one signed, or any byte is another than it was."""
    size = file.seek(0, 2) - SIGNATURE_BYTES
    digest = _digest(file, size)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(file.read(), digest)
    except (InvalidSignature, ValueError) as error:
        raise Forged("the signature does not fit: something in this file was changed after it was signed") from error


def read(path: Path) -> Mapping[str, zipfile.ZipInfo]:
    """The entries by name. Raises Forged where the file is no zip."""
    try:
        with zipfile.ZipFile(path) as bundle:
            entries = {info.filename: info for info in bundle.infolist()}
    except BROKEN as error:
        raise Forged(f"this is no certificate: {error}") from error
    if any(info.compress_type != zipfile.ZIP_STORED for info in entries.values()):
        raise Forged("this is no certificate: its entries are compressed")  # and may be gigabytes in a kilobyte
    return entries


def content(path: Path, name: str) -> bytes:
    """Raises Forged where it is not there, or is not whole."""
    return b"".join(parts(path, name))


def parts(path: Path, name: str) -> Iterator[bytes]:
    """Raises Forged where it is not there, or is not whole."""
    try:
        with zipfile.ZipFile(path) as bundle, bundle.open(name) as entry:
            while part := entry.read(PART_BYTES):
                yield part
    except BROKEN as error:
        raise Forged(f"{name} cannot be read: {error}") from error


def fingerprint(public_key: str) -> str:
    """Short enough to be compared by eye: the first half of the key's SHA-256, in groups of four."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def _digest(file: IO[bytes], size: int) -> bytes:
    """Of the first `size` bytes; the file then stands behind them."""
    hashed = hashlib.sha256()
    file.seek(0)
    left = size
    while left > 0 and (part := file.read(min(left, PART_BYTES))):
        hashed.update(part)
        left -= len(part)
    return PURPOSE + hashed.digest()
