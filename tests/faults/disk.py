"""A small file system for one worker, which can be filled to the last byte."""

import subprocess
from contextlib import suppress
from pathlib import Path

# Two checkpoints of 24 MiB, the largest of any fault, and their weights.
_SIZE = "128m"
FREE_BYTES = 4 * 1024 * 1024  # what a worker of the stack needs before it takes a run


class CannotStrike(Exception):
    """This machine does not allow the fault. Its text says why."""


class Disk:
    """A tmpfs on `folder`, where root may mount one; elsewhere just the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
        self.can_be_filled = subprocess.run(command, check=False, capture_output=True).returncode == 0

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 20))

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    def close(self) -> None:
        if self.can_be_filled:
            subprocess.run(["umount", "--lazy", self._folder], check=True)

    @property
    def _filler(self) -> Path:
        return self._folder / "filler"
