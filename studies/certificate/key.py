"""The Ed25519 key that this service signs with, created at first use in a file that only its owner can read."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED_BYTES = 32


def private(path: Path) -> Ed25519PrivateKey:
    """If two processes create it at once, one wins. Raises OSError if the file cannot be created or read."""
    if not path.exists():
        _create(path)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(os.urandom(SEED_BYTES).hex())
    try:
        path.hardlink_to(draft)  # complete, or not at all
    except FileExistsError:
        pass
    finally:
        draft.unlink()
