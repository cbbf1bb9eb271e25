"""Owns the box that a supervised trainer works in: it decodes strangers' images, so it gives up what it does not need.

It is entered before torch is loaded, because Landlock holds for the thread that asks and for what it starts.
"""

import logging
import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from trainer.box import landlock, limits, privileges
from trainer.box.landlock import Openings
from trainer.catalog import BUILT_IN
from trainer.process.supervision import die_with

log = logging.getLogger(__name__)

# What it stores in the data folder for later runs. Nothing else there can be changed by a run on your own images.
CACHES: Final = ("decoded", "hashes", "statistics", "unpacked")
_DOWNLOAD_PORTS = (80, 443)
_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/opt", "/nix/store", "/run/opengl-driver", "/sys", "/proc"),
    # Not the whole of /etc, which holds passwords and keys.
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/ssl", "/etc/pki", "/etc/ca-certificates"),
    *("/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services"),
    *("/etc/passwd", "/etc/group", "/etc/OpenCL", "/etc/vulkan", "/etc/alternatives", "/etc/nccl.conf"),
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/dri", "/dev/nvidia-caps")
# Where a GPU's Multi-Process Service listens, unless CUDA_MPS_PIPE_DIRECTORY names another folder.
DEFAULT_MPS_FOLDER = Path("/tmp/nvidia-mps")  # noqa: S108 - NVIDIA's choice
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where processes keep what they share


def enter(options: Namespace, dataset: str | None = None, devices: int = 1, planned_bytes: int = 0) -> None:
    """Keep this process's working folder and data, and give up the rest. `options` are those of its command line.

    `dataset` may have to be downloaded; `devices` processes talk to each other over TCP.
    """
    if options.no_box:
        log.warning("this trainer is not in a box: its worker says so (RESLAB_BOX=off)")
        return
    workdir: Path = options.workdir.resolve()
    workdir.mkdir(parents=True, exist_ok=True)
    data: Path | None = options.data.resolve() if getattr(options, "data", None) else None
    caches = _caches(data) if data else []
    opened = _named(options)
    is_download = dataset in BUILT_IN and getattr(options, "folder", None) is None
    is_offline = not is_download and devices == 1 and privileges.leave_network()
    is_other = privileges.become_trainer(workdir, (*_program(), *opened), (data, *caches) if data else ())
    if is_other:
        die_with(options.supervised)  # the kernel forgot it with the user
    privileges.give_up()
    limits.set_limits(planned_bytes)
    os.environ["TMPDIR"] = tempfile.tempdir = str(workdir)
    _import_through(workdir / ".program")
    version = landlock.restrict(
        Openings(
            reads=(*_program(), *map(Path, _SYSTEM), *opened, *(_links(data) if data else ())),
            writes=(workdir, _SHARED_MEMORY, *([data] if data and is_download else caches)),
            devices=tuple(_devices()),
            ports=_ports(is_download, devices),
        )
    )
    log.info("in a box: %s", "; ".join(_sentences(version, is_other, devices, is_offline)))


def enter_supervised(options: Namespace) -> None:
    """For a process that reads a file and ends: die with the supervisor, be the first to go, and enter the box."""
    die_with(options.supervised)
    limits.offer_first()
    enter(options)


def has_own_user(home: Path) -> bool:
    """Whether root's trainers can be another user: one who can read Python and this package, and pass to `home`."""
    return privileges.is_reachable(home) and all(map(privileges.is_readable, _program()))


def describe() -> str:
    """What the box of a trainer on this machine holds, in words."""
    return "; ".join(_sentences(landlock.abi(), None, 1))


def _sentences(version: int, is_other: bool | None, devices: int, is_offline: bool = False) -> Iterable[str]:
    yield "no capabilities and no new privileges"
    if is_offline:
        yield "no network"
    if os.geteuid() == 0:
        yield f"user {privileges.TRAINER_USER} where it can read all that it needs" if is_other is None else "user root"
    elif is_other:
        yield f"user {privileges.TRAINER_USER}"
    if not version:
        yield "this kernel has no Landlock, so it can read and write what its user can"
        return
    yield f"Landlock {version}: no files but its own"
    if version >= 4:
        yield "TCP is open between its devices" if devices > 1 else "no TCP except for downloads"
    if version >= 6:
        yield "no signals to others"


def _devices() -> Iterable[Path]:
    yield from map(Path, _DEVICES)
    yield from Path("/dev").glob("nvidia*")
    yield from Path("/dev").glob("nvidia-caps/*")
    yield Path(os.environ.get("CUDA_MPS_PIPE_DIRECTORY") or DEFAULT_MPS_FOLDER)


def _ports(is_download: bool, devices: int) -> tuple[int, ...] | None:
    """gloo listens on ports that nobody knows beforehand."""
    if devices > 1:
        return None
    return _DOWNLOAD_PORTS if is_download else ()


def _named(options: Namespace) -> list[Path]:
    """The files and folders that the command line names."""
    values = [getattr(options, name, None) for name in ("spec", "folder", "start", "weights", "image", "data")]
    flat = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    return [item.resolve() for item in flat if isinstance(item, Path) and item.exists()]


def _program() -> list[Path]:
    """Python, its packages, and this package: not the folder beside it, which may be a service's home."""
    packages = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    own = Path(__file__).resolve().parents[1]
    return [Path(sys.prefix), Path(sys.base_prefix), *packages, own]


def _import_through(folder: Path) -> None:
    """In a clone, have processes that start in the box look for this package in a folder with a link to it: to look for
    it in the clone, they would have to list all that lies there.
    """
    own = Path(__file__).resolve().parents[1]
    if str(own.parent) not in sys.path or own.parent.name.endswith("-packages"):
        return
    folder.mkdir(exist_ok=True)
    link = folder / own.name
    if link.resolve() != own:  # the first of a run's processes here has made it for the others
        link.unlink(missing_ok=True)
        link.symlink_to(own)
    sys.path = [str(folder) if entry == str(own.parent) else entry for entry in sys.path]
    os.environ["PYTHONPATH"] = str(folder)


def _caches(data: Path) -> list[Path]:
    """Makes those that are missing, if it may."""
    caches = [data / name for name in CACHES]
    for cache in caches:
        try:
            cache.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.geteuid() == 0 and data.stat().st_uid == privileges.TRAINER_USER:
            os.chown(cache, privileges.TRAINER_USER, privileges.TRAINER_USER)
    return caches


def _links(data: Path) -> list[Path]:
    """Where links in the data folder point: a data set that its lab keeps elsewhere."""
    return [entry.resolve() for pattern in ("*", "*/*") for entry in data.glob(pattern) if entry.is_symlink()]
