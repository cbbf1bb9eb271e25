"""Owns what a process may do by itself: its capabilities, its user, and whether others may look into it."""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# linux/prctl.h
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
# linux/sched.h
CLONE_NEWNET = 0x40000000
# linux/capability.h; the kernel refuses the numbers that it does not know.
_CAPABILITY_VERSION, _CAPABILITIES = 0x20080522, 64
# The trainers of a service that root starts. It needs no entry in /etc/passwd, owns nothing else on the machine, and is
# in the range that systemd keeps for users of this kind. Not nobody: that is PostgreSQL's user here.
TRAINER_USER = 62_015


def hide() -> None:
    """Let no other process of this user read this one's memory and environment, and leave no core file. A program
    that this process starts is not hidden.
    """
    _prctl(PR_SET_DUMPABLE, 0)


def give_up() -> None:
    """Have no capabilities, and no program started from here may have more rights than this process."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(_CAPABILITIES):
        with suppress(OSError):  # only those who have capabilities may drop them
            _prctl(PR_CAPBSET_DROP, capability)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    if _libc().capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")


def leave_network() -> bool:
    """Have a network of one's own, without an interface, which also closes UDP. Whether it could: root may, but not in
    every container; others could only with a user namespace, which many kernels forbid.
    """
    return os.geteuid() == 0 and _libc().unshare(CLONE_NEWNET) == 0


def become_trainer(workdir: Path, reads: Iterable[Path], writes: Iterable[Path]) -> bool:
    """Root becomes TRAINER_USER, who then owns `workdir`, if that user can use all of these. Whether it did."""
    elsewhere = (path for path in reads if not path.is_relative_to(workdir))  # what is in `workdir` will be that user's
    if os.geteuid() != 0 or not is_reachable(workdir) or not all(map(is_readable, elsewhere)):
        return False
    if not all(is_reachable(path) and path.stat().st_uid == TRAINER_USER for path in writes):
        return False
    for path in (workdir, *workdir.rglob("*")):
        os.chown(path, TRAINER_USER, TRAINER_USER, follow_symlinks=False)
    # Where a machine gives its GPUs to a group, as few do.
    groups = {path.stat().st_gid for path in Path("/dev").glob("nvidia*")} - {0}
    os.setgroups(sorted(groups))
    os.setresgid(TRAINER_USER, TRAINER_USER, TRAINER_USER)
    os.setresuid(TRAINER_USER, TRAINER_USER, TRAINER_USER)
    _prctl(PR_SET_DUMPABLE, 1)  # or its own files in /proc would be root's
    return True


def is_readable(path: Path) -> bool:
    return is_reachable(path) and (path.stat().st_uid == TRAINER_USER or bool(path.stat().st_mode & 0o004))


def is_reachable(path: Path) -> bool:
    """Whether TRAINER_USER may pass through the folders above it."""
    try:
        return all(map(_is_passable, path.resolve(strict=True).parents))
    except OSError:
        return False


def _is_passable(folder: Path) -> bool:
    status = folder.stat()
    return bool(status.st_mode & (0o100 if status.st_uid == TRAINER_USER else 0o001))


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value}) failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
