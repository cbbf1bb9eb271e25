"""Signs a registration's text, and checks a signed registration without the service."""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from studies.registration.contents import SignedRegistration, canonical

# Signed together with the hash, so that the signature is valid for registrations only.
PURPOSE = b"reslab registration\0"
# A study of 100 seeds of 20 networks takes a fifth of this.
MOST_BYTES = 4 * 1024 * 1024


class InvalidRegistration(ValueError):
    """The registration is not what its service signed. The message says what is wrong."""


def sign(content: str, key: Ed25519PrivateKey) -> bytes:
    return key.sign(_digest(content))


def check(signed: SignedRegistration) -> None:
    """Raises InvalidRegistration if a character of the text, its hash or its signature was changed."""
    registration, content = signed.registration, signed.canonical
    if canonical(registration) != content:
        raise InvalidRegistration("The registration differs from the text that was signed.")
    if hashlib.sha256(content.encode()).hexdigest() != signed.sha256:
        raise InvalidRegistration("The registration's hash does not match its text.")
    try:
        public_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(registration.public_key))
        public_key.verify(bytes.fromhex(signed.signature), _digest(content))
    except (InvalidSignature, ValueError) as error:
        raise InvalidRegistration(
            "The registration's signature does not match: it was changed after it was signed."
        ) from error


def read(path: Path) -> SignedRegistration:
    """Reads and checks the file that `GET /studies/{id}/registration` returns. Raises InvalidRegistration."""
    if path.stat().st_size > MOST_BYTES:
        raise InvalidRegistration(f"This is not a registration: it is larger than {MOST_BYTES:,} bytes.")
    try:
        signed = SignedRegistration.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidRegistration(f"This is not a registration: {error.errors()[0]['msg']}.") from error
    check(signed)
    return signed


def _digest(content: str) -> bytes:
    return PURPOSE + hashlib.sha256(content.encode()).digest()
