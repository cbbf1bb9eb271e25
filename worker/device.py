"""The device that a worker trains on, detected without importing torch."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pynvml

from trainer.box.walls import DEFAULT_MPS_FOLDER


@dataclass(frozen=True)
class Device:
    """`queue` is where its worker takes runs from; `option` and `environment` make the trainer use this device.

    `count` is how many processes of one run it can take: the GPUs that the trainer sees, or the processors.
    `memory_bytes` is of each GPU, or of the machine; None where it is not known.
    """

    queue: str
    name: str
    option: str
    environment: dict[str, str] = field(default_factory=dict)
    count: int = 1
    memory_bytes: int | None = None


def find(selector: str) -> Device:
    """`auto` (the first GPU, else the CPU), `cpu` or `cuda:K`. Raises LookupError if there is no such GPU."""
    if selector == "cpu":
        return _cpu()
    names = _gpu_names()
    if names:
        _make_device_files()
    if selector == "auto":
        # An operator's own CUDA_VISIBLE_DEVICES reaches the trainer unchanged.
        if not names:
            return _cpu()
        return Device("gpu", names[0], "cuda", count=_visible(len(names)), memory_bytes=_gpu_bytes(range(len(names))))
    index = selector.removeprefix("cuda").removeprefix(":") or "0"
    if not selector.startswith("cuda") or not index.isdecimal():
        raise LookupError(f"{selector} is not a device. Use auto, cpu or cuda:K, for example cuda:0.")
    if int(index) >= len(names):
        listed = ", ".join(f"cuda:{number} ({name})" for number, name in enumerate(names))
        raise LookupError(f"This machine has no GPU {index}. Its GPUs: {listed or 'none'}. Use cpu or one of these.")
    only = {"CUDA_VISIBLE_DEVICES": index}
    return Device("gpu", names[int(index)], "cuda", only, memory_bytes=_gpu_bytes([int(index)]))


@dataclass(frozen=True)
class Slot:
    """Number `number` (from 1 on) of the `count` workers that share a device; `device` names it in each of them."""

    number: int
    count: int
    device: str


def slot(shared: Device, number: int, count: int) -> Slot | None:
    """None if the device isn't shared. Raises LookupError if it can't be."""
    if count == 1:
        return None
    if shared.queue != "gpu":
        raise LookupError(
            "A CPU has no slots: its runs would share cores, and a result depends on how many threads it has."
            " Start several workers with --threads instead, as `reslab up --workers` does."
        )
    if shared.count > 1:
        raise LookupError(
            f"This worker has {shared.count} GPUs, but slots share one. Use --device cuda:K or CUDA_VISIBLE_DEVICES."
        )
    visible = shared.environment.get("CUDA_VISIBLE_DEVICES") or os.environ.get("CUDA_VISIBLE_DEVICES") or "0"
    return Slot(number, count, f"{socket.gethostname()}/{visible.strip()}")


def mps() -> Path | None:
    """The folder of NVIDIA's Multi-Process Service, if its control daemon runs: processes then use a GPU at the same
    time instead of taking turns.
    """
    folder = Path(os.environ.get("CUDA_MPS_PIPE_DIRECTORY") or DEFAULT_MPS_FOLDER)
    return folder if (folder / "control").exists() else None


def _make_device_files() -> None:
    """The first program to use a GPU after the machine's start needs NVIDIA's setuid helper, which makes these files. A
    trainer in its box may not start it.
    """
    if shutil.which("nvidia-modprobe"):
        subprocess.run(["nvidia-modprobe", "-c=0", "-u"], timeout=30, check=False)


def _cpu() -> Device:
    return Device("cpu", _cpu_name(), "cpu", count=len(os.sched_getaffinity(0)), memory_bytes=_machine_bytes())


def _machine_bytes() -> int:
    """What the machine has, or what its container may use of it."""
    limits = [psutil.virtual_memory().total]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # another version of cgroups, or no limit
            limits.append(int(Path(file).read_text()))
    return min(limits)


def _gpu_bytes(indices: Iterable[int]) -> int | None:
    """What the smallest of these GPUs has; None where NVML doesn't say."""
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in indices]
        sizes = [int(pynvml.nvmlDeviceGetMemoryInfo(handle).total) for handle in handles]
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return None
    return min(sizes)


def _visible(gpus: int) -> int:
    """How many of the GPUs CUDA_VISIBLE_DEVICES leaves."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return gpus if chosen is None else min(gpus, max(1, len([name for name in chosen.split(",") if name.strip()])))


def _gpu_names() -> list[str]:
    if shutil.which("nvidia-smi"):
        query = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return query.stdout.split("\n")[:-1] if query.returncode == 0 else []
    # A container may have the driver but not nvidia-smi.
    return [_model(file) for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))]


def _model(information: Path) -> str:
    fields = dict(line.split(":", 1) for line in information.read_text().splitlines() if ":" in line)
    return fields.get("Model", "NVIDIA GPU").strip()


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "cpu"
