"""Owns the names in a run's working folder. Loads no torch."""

from pathlib import Path


def checkpoint_path(workdir: Path, iteration: int) -> Path:
    return workdir / f"checkpoint-{iteration}.safetensors"


def weights_path(workdir: Path, iteration: int, suffix: str) -> Path:
    return workdir / f"weights-{iteration}{suffix}"


def checkpoints(workdir: Path) -> list[tuple[int, Path]]:
    """The checkpoints and their iterations, newest first, valid or not."""
    numbered = ((path.stem.removeprefix("checkpoint-"), path) for path in workdir.glob("checkpoint-*.safetensors"))
    return sorted(((int(number), path) for number, path in numbered if number.isdecimal()), reverse=True)
