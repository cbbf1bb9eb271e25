"""What `reslab doctor` looks at on this machine: each check says what it saw, and what to do if that is a problem."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.request import getproxies, proxy_bypass

from reslab.stack.home import API_PORT, is_free
from store.db.shipped import shipped

State = Literal["ok", "warning", "problem"]
GB = 1e9
DISK_BYTES = 5e9  # a study's checkpoints, a few data sets and the database
MEMORY_BYTES = 2e9  # the service takes 0.3 GB (docs/experiments.md), a trainer of ResNet-56 on CIFAR-10 1.3 to 1.5 GB
# The folders and files that a data set's loader looks for in the home's data folder (trainer/data/).
# What puts the packages right, in a clone and elsewhere.
INSTALL = "make clean setup" if shipped("pyproject.toml").is_file() else "pip install --upgrade 'reslab[all]'"
DOWNLOADS = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python", "imagenet": "imagenet"}


class Check(NamedTuple):
    """One line of the report: `advice` is None if all is well."""

    name: str
    state: State
    sentence: str
    advice: str | None = None


def checks(home: Path, running_url: str | None) -> Iterator[Check]:
    """Everything that a first run needs. `running_url` is the service's address, if one runs in `home`."""
    yield _packages()
    yield _dashboard()
    yield _port(running_url)
    yield _disk(home)
    yield _memory()
    yield _trainer()
    yield from (_download(home, name, folder) for name, folder in DOWNLOADS.items())
    yield _proxy()


def _packages() -> Check:
    """Compares what is installed with what pyproject.toml needs, in the extras of a whole installation."""
    from packaging.requirements import Requirement

    wrong = []
    needed = [Requirement(line) for line in importlib.metadata.requires("reslab") or ()]
    for requirement in needed:
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in _EXTRAS):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
        else:
            if not requirement.specifier.contains(version, prereleases=True):
                wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if wrong:
        return Check("versions", "problem", "; ".join(wrong), f"Run: {INSTALL}")
    python, torch = ".".join(map(str, sys.version_info[:3])), importlib.metadata.version("torch")
    return Check("versions", "ok", f"Python {python}, torch {torch}, and every other package fits")


_EXTRAS = ("trainer", "store", "paper", "verify", "api", "worker", "local")


def _dashboard() -> Check:
    if shipped("frontend/dist/index.html").is_file():
        return Check("dashboard", "ok", "built")
    return Check("dashboard", "problem", "not built", f"Run: {INSTALL}")


def _port(running_url: str | None) -> Check:
    if running_url:
        return Check("port", "ok", f"the service runs at {running_url}")
    if is_free(API_PORT):
        return Check("port", "ok", f"{API_PORT} is free")
    advice = "Nothing to do: `reslab up` takes another port and prints it. To choose one: reslab up --port 9000"
    return Check("port", "warning", f"{API_PORT} is taken by another program", advice)


def _disk(home: Path) -> Check:
    existing = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    sentence = f"{free / GB:.1f} GB free in {existing}"
    if free >= DISK_BYTES:
        return Check("disk", "ok", sentence)
    advice = "Delete runs that you don't need, or put the data elsewhere: reslab up --home /another/disk"
    return Check("disk", "warning", sentence, advice)


def _memory() -> Check:
    available = _available_memory()
    if available is None:
        return Check("memory", "warning", "unknown on this system", "A trainer takes 1 to 2 GB.")
    sentence = f"{available / GB:.1f} GB available"
    if available >= MEMORY_BYTES:
        return Check("memory", "ok", sentence)
    advice = "Close other programs, or train with a smaller batch: reslab submit … --set batch_size=32"
    return Check("memory", "warning", sentence, advice)


def _available_memory() -> float | None:
    """Bytes: what the kernel could give now, at most what a container may take."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    available = next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    try:
        limit, used = (Path(f"/sys/fs/cgroup/memory.{name}").read_text() for name in ("max", "current"))
        return min(available, int(limit) - int(used))
    except (OSError, ValueError):  # no container, or one without a limit
        return available


def _trainer() -> Check:
    """Starts a trainer for a moment, as a worker does: whether torch and the GPU work."""
    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else 'no GPU')"
    trial = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if trial.returncode:
        last = trial.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        return Check("trainer", "problem", f"torch can't be loaded: {last[0]}", f"Run: {INSTALL}")
    device = trial.stdout.strip()
    if device != "no GPU":
        return Check("trainer", "ok", device)
    cores = len(os.sched_getaffinity(0))
    hint = "Enough for digits and short runs. `reslab plan` says how long a run will take."
    if shutil.which("nvidia-smi"):
        hint = "This machine has nvidia-smi: update the NVIDIA driver until `nvidia-smi` lists the GPU."
    return Check("trainer", "warning", f"no GPU; {cores} CPU cores", hint)


def _download(home: Path, name: str, folder: str) -> Check:
    if (home / "data" / folder).is_dir():
        return Check(name, "ok", f"in {home / 'data' / folder}")
    if name == "imagenet":
        advice = f"Only if you need it: put train/ and val/ into {home / 'data' / folder} yourself."
    else:
        advice = "The first run downloads it. Without a network, that run's message says which file to put where."
    return Check(name, "ok", "not here yet", advice)


def _proxy() -> Check:
    """A proxy must not get the requests to this machine; curl sends them there unless no_proxy says otherwise."""
    proxies = {scheme: url for scheme, url in getproxies().items() if scheme in ("http", "https", "all")}
    if not proxies:
        return Check("proxy", "ok", "none")
    named = ", ".join(sorted(set(proxies.values())))
    if proxy_bypass("127.0.0.1"):
        return Check("proxy", "ok", f"{named}, but not for 127.0.0.1")
    return Check("proxy", "warning", f"{named} also for 127.0.0.1", "For curl: export no_proxy=127.0.0.1,localhost")


def as_json(report: list[Check]) -> str:
    return json.dumps([check._asdict() for check in report], indent=2)
