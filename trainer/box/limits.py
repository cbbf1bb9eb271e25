"""Owns the limits of a trainer: memory, processes and files, so that one run cannot take the whole machine."""

import os
import resource
from contextlib import suppress
from pathlib import Path

# From −1000 to 1000. The kernel then ends the trainer, whose run continues elsewhere, before a database or a worker.
OOM_SCORE = 500
# Threads beyond those that its user has already: far more than torch, its loaders and several devices need.
PROCESSES = 4096
# The largest file that a trainer writes is a checkpoint: a network's weights and momentum, 1 GB for VGG-16.
FILE_BYTES = 16 << 30
# Python, torch and a data set in memory, beside what the plan says of the network.
BASE_BYTES = 8 << 30
# The plan is an estimate, and an allocator takes more than it gives.
MARGIN = 4


def offer_first() -> None:
    """Be the first process that the kernel ends when memory runs out, and leave no core file on a full disk."""
    with suppress(OSError):  # a container may forbid it
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    _lower(resource.RLIMIT_CORE, 0)


def set_limits(planned_bytes: int) -> None:
    """`planned_bytes`: what the network needs by its plan.

    Memory is limited as data (RLIMIT_DATA), not as address space: a GPU's driver reserves terabytes of addresses.
    """
    _lower(resource.RLIMIT_DATA, most_bytes(planned_bytes, _machine_bytes()))
    _lower(resource.RLIMIT_NPROC, _threads_of(os.getuid()) + PROCESSES)
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)


def most_bytes(planned_bytes: int, machine_bytes: int) -> int:
    """Half of the machine, or more where the plan needs it: a run that is not attacked never meets this limit."""
    return max(machine_bytes // 2, BASE_BYTES + MARGIN * planned_bytes)


def _lower(limit: int, value: int) -> None:
    """Both limits: a hard one stays for good."""
    _, hard = resource.getrlimit(limit)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (most, most))


def _machine_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _threads_of(user: int) -> int:
    """How many threads this user has on the machine, which RLIMIT_NPROC counts as well."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if process.stat().st_uid == user:
                count += len(list((process / "task").iterdir()))
    return count
