"""Free space on a disk, before it runs out."""

import os
from pathlib import Path

from store.db.settings import MEBIBYTE


def shortage(folder: Path, least_bytes: int) -> str | None:
    """Why no files should be written to this folder, in a sentence; None if there is no reason. Makes the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(folder)
    except OSError as error:
        return f"The folder {folder} can't be used: {error.strerror}."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"The folder {folder} can't be written to."
    if disk.f_files and not disk.f_favail:
        return f"The disk of {folder} has no room for another file (no inodes are left)."
    return too_little(f"The disk of {folder} has", disk.f_bavail * disk.f_frsize, least_bytes)


def too_little(whose: str, free_bytes: int, least_bytes: int) -> str | None:
    """The sentence about a shortage; None if enough is free."""
    if free_bytes >= least_bytes:
        return None
    return f"{whose} {free_bytes / MEBIBYTE:,.0f} MiB free; it needs {least_bytes / MEBIBYTE:,.0f} MiB."
