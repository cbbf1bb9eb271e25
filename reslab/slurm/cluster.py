"""Slurm by its own commands: sbatch, squeue, scancel. Its REST daemon is seldom installed."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

# Jobs of these states hold resources, or will; the others are ending, or held by somebody.
PENDING = frozenset({"PENDING", "CONFIGURING", "REQUEUED"})
RUNNING = "RUNNING"
# slurmctld answers in milliseconds, and after a restart in seconds.
_PATIENCE_S = 30.0


class SlurmError(Exception):
    """Slurm refused, or doesn't answer. The message is Slurm's own."""


@dataclass(frozen=True)
class Job:
    """A job of the batch system, which is one worker."""

    id: int
    state: str
    name: str

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING


def jobs(prefix: str) -> list[Job]:
    """The caller's jobs whose names begin with `prefix`, the oldest first. Raises SlurmError."""
    lines = _answer("squeue", "--me", "--noheader", "--sort=i", "--format=%A|%T|%j").splitlines()
    rows = (line.split("|", 2) for line in lines)
    return [Job(int(id_), state, name) for id_, state, name in rows if name.startswith(prefix)]


def submit(script: str, options: Sequence[str]) -> int:
    """Returns the new job's id. Raises SlurmError."""
    return int(_answer("sbatch", "--parsable", *options, script=script).partition(";")[0])


def cancel(job_ids: Sequence[int]) -> None:
    """Only jobs that still wait: one that has started meanwhile trains on. Raises SlurmError."""
    _answer("scancel", "--state=PENDING", *map(str, job_ids))


def _answer(*command: str, script: str | None = None) -> str:
    try:
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=False
        )
    except FileNotFoundError as error:
        raise SlurmError(f"{command[0]} is not installed here. Run this on a machine that submits to Slurm.") from error
    except subprocess.TimeoutExpired as error:
        raise SlurmError(f"{command[0]} did not answer within {_PATIENCE_S:.0f} s.") from error
    if done.returncode != 0:
        raise SlurmError(f"{command[0]}: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout.strip()
