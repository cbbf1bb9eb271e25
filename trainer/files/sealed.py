"""Owns our safetensors files: complete or absent, reproducible byte for byte, and refused if altered."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from torch import Tensor

SEAL = "content_sha256"


class DamagedFile(Exception):
    """The file is not what was written: it was cut short, altered, or is of another kind."""


@dataclass(frozen=True)
class WrittenFile:
    sha256: str
    size_bytes: int


def write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> WrittenFile:
    """Write aside, sync, rename, sync the folder: after a power cut `path` is complete or absent."""
    content = _add_seal(safetensors.torch.save({k: v.contiguous() for k, v in tensors.items()}, dict(metadata)))
    return write_bytes(path, content)


def write_bytes(path: Path, content: bytes) -> WrittenFile:
    """Do the same with any bytes. Raises OSError if the disk is full, and leaves nothing behind."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError as error:
        # The error of a full disk does not name the file.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        aside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return WrittenFile(hashlib.sha256(content).hexdigest(), len(content))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors (on the CPU) and metadata of a file by `write`. Raises DamagedFile if a single bit differs."""
    content = path.read_bytes()
    try:
        header, body = _split(content)
        metadata = dict(header["__metadata__"])
        seal = metadata.pop(SEAL)
        is_whole = seal == _seal(header | {"__metadata__": metadata}, body)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{path.name} is cut short, or was not written by Reslab") from error
    if not is_whole:
        raise DamagedFile(f"{path.name} was altered after it was written: its checksum does not match")
    return safetensors.torch.load(content), metadata


def _add_seal(content: bytes) -> bytes:
    header, body = _split(content)
    header["__metadata__"] = header.get("__metadata__", {})
    header["__metadata__"][SEAL] = _seal(header, body)
    text = _canonical(header)
    # The format requires tensors aligned to 8 bytes, and allows spaces after the header.
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + body


def _split(content: bytes) -> tuple[dict[str, dict[str, str]], bytes]:
    length = int.from_bytes(content[:8], "little")
    header: dict[str, dict[str, str]] = json.loads(content[8 : 8 + length])
    return header, content[8 + length :]


def _seal(header: Mapping[str, object], body: bytes) -> str:
    return hashlib.sha256(_canonical(header) + body).hexdigest()


def _canonical(header: Mapping[str, object]) -> bytes:
    # safetensors writes its metadata in a hash map's order, which varies.
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
