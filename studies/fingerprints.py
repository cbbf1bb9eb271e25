"""A public key's fingerprint. Loads no OpenSSL, which an idle API does not need."""

import hashlib


def fingerprint(public_key: str) -> str:
    """The first half of the key's SHA-256 in groups of four, short enough to compare by eye."""
    digest = hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))
