"""Owns Landlock, by three system calls: a thread gives up every file and TCP port but those that it names.

Linux 5.13 or newer, where it is enabled. What each ABI closes: https://docs.kernel.org/userspace-api/landlock.html.
What is given up stays given up, also for the threads and programs that are started later.
"""

import ctypes
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2

# linux/landlock.h: rights on files.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_UNIX_SOCKET, _SIGNAL = 1 << 0, 1 << 1

_READ = EXECUTE | READ_FILE | READ_DIR
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_EVERYTHING = (1 << 16) - 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True)
class Openings:
    """What stays open. Paths that don't exist are left out; a folder stands for all that is below it."""

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    devices: tuple[Path, ...] = ()
    # TCP ports to connect to; None leaves TCP open, because the ports are not known.
    ports: tuple[int, ...] | None = ()


def abi() -> int:
    """The kernel's version of Landlock; 0 where there is none, or a container forbids it."""
    try:
        return _call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def restrict(openings: Openings) -> int:
    """Close everything else to this thread, which must have no new privileges. Returns the ABI; 0 changes nothing."""
    version = abi()
    if not version:
        return 0
    files = _files(version)
    has_ports = version >= 4 and openings.ports is not None
    ruleset = _Ruleset(
        files,
        _BIND_TCP | _CONNECT_TCP if has_ports else 0,
        _ABSTRACT_UNIX_SOCKET | _SIGNAL if version >= 6 else 0,
    )
    rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        _allow(rules, openings.reads, _READ & files)
        _allow(rules, openings.writes, (_EVERYTHING & ~IOCTL_DEV) & files)
        _allow(rules, openings.devices, (_READ | WRITE_FILE | IOCTL_DEV) & files)
        for port in (openings.ports or ()) if has_ports else ():
            _call(_ADD_RULE, rules, _NET_PORT, ctypes.byref(_NetPort(_CONNECT_TCP, port)), 0)
        _call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return version


def _files(version: int) -> int:
    """The rights on files that this ABI knows."""
    newer = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
    return (REFER - 1) | sum(right for since, right in newer.items() if version >= since)


def _allow(rules: int, paths: Iterable[Path], rights: int) -> None:
    for path in paths:
        try:
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # it does not exist, or could not be used anyway
            continue
        try:
            allowed = rights if path.is_dir() else rights & _OF_FILES
            _call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(_PathBeneath(allowed, handle)), 0)
        finally:
            os.close(handle)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    numbers = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    result = int(libc.syscall(ctypes.c_long(number), *numbers))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} of Landlock: {os.strerror(ctypes.get_errno())}")
    return result
