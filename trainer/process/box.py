"""Owns what a trainer gives up: it decodes strangers' images, and is the first that its machine can do without."""

import ctypes
import resource
from contextlib import suppress
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
# From −1000 to 1000. The kernel then ends the trainer, whose run continues elsewhere, before a database or a worker.
OOM_SCORE = 500


def offer_first() -> None:
    """Be the first process that the kernel ends when memory runs out, and leave no core file on a full disk."""
    with suppress(OSError):  # a container may forbid it
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_up_privileges() -> None:
    """No program that this process starts may have more rights than it. Call once its GPU is open: the first program to
    use a GPU after the machine's start may need NVIDIA's setuid helper to create the device's file.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS) failed")
