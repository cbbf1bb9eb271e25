"""Owns our safetensors files: complete or absent, reproducible byte for byte, and refused if altered."""

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from trainer.seal import SEAL, add_seal, seal, split

_ASIDE = re.compile(r"\..+\.(safetensors|pt|json)\.[0-9a-f]{8}")


class DamagedFile(Exception):
    """The file is not what was written: it was cut short, altered, or is of another kind."""


@dataclass(frozen=True)
class WrittenFile:
    sha256: str
    size_bytes: int


def write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> WrittenFile:
    """Write aside, sync, rename, sync the folder: after a power cut `path` is complete or absent."""
    return write_bytes(path, pack(tensors, metadata))


def pack(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """The content of the file that `write` writes."""
    return add_seal(safetensors.torch.save({k: v.contiguous() for k, v in tensors.items()}, dict(metadata)))


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


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed while they wrote have left. No process may be writing to this folder."""
    for file in folder.iterdir():
        if _ASIDE.fullmatch(file.name):
            file.unlink(missing_ok=True)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors (on the CPU) and metadata of a file by `write`. Raises DamagedFile if a single bit differs."""
    content = path.read_bytes()
    try:
        header, body = split(content)
        metadata = dict(header["__metadata__"])
        recorded = metadata.pop(SEAL)
        is_whole = recorded == seal(header | {"__metadata__": metadata}, body)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{path.name} is cut short, or was not written by Reslab") from error
    if not is_whole:
        raise DamagedFile(f"{path.name} was altered after it was written: its checksum does not match")
    return safetensors.torch.load(content), metadata


def metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file, not checked by its seal. Empty if it cannot be read."""
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError):
        return {}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
