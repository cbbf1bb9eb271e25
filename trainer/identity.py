"""Owns the identity of the code that decides a run's numbers: a digest of our source, and the libraries' versions.

A version number names a release; between two releases, runs of different code have the same one. Loads no torch.
"""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent
# The name in `Started.versions`, and the package: whatever computes, draws, decodes or resizes something.
PACKAGES: Final = {
    "torch": "torch",
    "torchvision": "torchvision",
    "numpy": "numpy",
    "pillow": "pillow",
    "scikit-learn": "scikit-learn",
    "trainer": "reslab",
}
# Of these, the libraries of which another version may give other numbers.
DECIDING: Final = ("torch", "torchvision", "numpy", "pillow", "scikit-learn")
ABSENT: Final = "absent"


@cache
def source_digest() -> str:
    """SHA-256 of every Python file of the trainer, in hex; it is read once per process."""
    return digest_of(SOURCE)


def digest_of(folder: Path) -> str:
    """SHA-256 over the sorted lines "path<tab>sha256" of the folder's Python files, as of a data set's manifest."""
    paths = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.py"))
    digest = hashlib.sha256()
    for name, path in paths:
        digest.update(f"{name}\t{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """The versions of Python and the libraries, looked up without importing them."""
    return {"python": platform.python_version()} | {name: _version(package) for name, package in PACKAGES.items()}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ABSENT
