"""Owns the seal of our safetensors files: a checksum in their metadata, over everything else. Loads no torch."""

import hashlib
import json
from collections.abc import Mapping

SEAL = "content_sha256"


def add_seal(content: bytes) -> bytes:
    """The same safetensors file with its header in one form, and sealed."""
    header, body = split(content)
    header["__metadata__"] = header.get("__metadata__", {})
    header["__metadata__"][SEAL] = seal(header, body)
    return header_bytes(header) + body


def header_bytes(header: Mapping[str, object]) -> bytes:
    """What a safetensors file begins with: the header's length, and the header."""
    text = canonical(header)
    # The format requires tensors aligned to 8 bytes, and allows spaces after the header.
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def split(content: bytes) -> tuple[dict[str, dict[str, str]], memoryview]:
    """Its header, and its tensors without a copy: while they were copied, no other thread could run Python."""
    length = int.from_bytes(content[:8], "little")
    header: dict[str, dict[str, str]] = json.loads(content[8 : 8 + length])
    return header, memoryview(content)[8 + length :]


def seal(header: Mapping[str, object], body: memoryview) -> str:
    digest = hashlib.sha256(canonical(header))
    digest.update(body)
    return digest.hexdigest()


def canonical(header: Mapping[str, object]) -> bytes:
    # safetensors writes its metadata in a hash map's order, which varies.
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
