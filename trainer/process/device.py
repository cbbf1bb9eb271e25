"""Owns the machine: which device, how many threads, which precision, and that a result repeats bit for bit."""

import ctypes
import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import torch

from trainer.failure import Failure
from trainer.spec import RunSpec

# malloc.h; 32 MiB is the largest threshold that glibc takes, four maps of ResNet-20's first stage at batch 128.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_MMAP_THRESHOLD = 32 * 2**20

Choice = Literal["auto", "cpu", "cuda"]


def choose(choice: Choice, devices: int = 1) -> torch.device:
    """This process's device of the kind asked for. Raises Failure(`invalid`) where there are too few of it."""
    if choice == "cuda" and not torch.cuda.is_available():
        raise Failure("invalid", "--device cuda: this machine has no GPU that torch can use")
    if choice == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    if devices > torch.cuda.device_count():
        raise Failure("invalid", f"devices is {devices}, but this machine has {torch.cuda.device_count()} GPU(s)")
    if devices == 1:
        return torch.device("cuda")
    chosen = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(chosen)
    return chosen


def prepare(spec: RunSpec, threads: int | None) -> None:
    """Set the process up for one run. The thread count is part of what repeats: sums are split by it."""
    asked = threads or int(os.environ.get("OMP_NUM_THREADS", "0"))
    torch.set_num_threads(asked or max(len(os.sched_getaffinity(0)) // spec.devices, 1))
    _keep_freed_memory()
    torch.backends.cudnn.benchmark = not spec.deterministic
    if spec.deterministic:
        # cuBLAS reads this when it is first used; without it torch refuses to be deterministic.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # The same switch as use_deterministic_algorithms(True), which pulls in torch._inductor for 1.2 s.
        torch.set_deterministic_debug_mode("error")
        # Filling fresh memory finds bugs and costs time; every tensor here is written before it is read.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a module's property
    # torch's default lets cuDNN use TF32, which is not the paper's precision.
    precision = "tf32" if spec.precision == "tf32" else "ieee"
    torch.backends.cudnn.conv.fp32_precision = precision  # type: ignore[attr-defined]  # a module's property
    torch.backends.cuda.matmul.fp32_precision = precision


def _keep_freed_memory() -> None:
    """What one iteration frees the next one asks for again: glibc would give it back to the kernel in between, and
    every page would have to be fetched, and cleared, anew. Other C libraries go on as they are.
    """
    with suppress(AttributeError):
        allocator = ctypes.CDLL(None).mallopt
        allocator(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
        allocator(M_TRIM_THRESHOLD, 2**31 - 1)


def loaders(devices: int) -> int:
    """How many processes decode photographs for one device: its share of the cores, less the one that trains."""
    return max(len(os.sched_getaffinity(0)) // devices - 1, 1)


def memory_format(device: torch.device, spec: RunSpec) -> torch.memory_format:
    """Channels last where it is faster: on CPUs (577 against 331 images/s for ResNet-20 on 2 cores), and on
    GPUs under bf16, whose tensor cores want it.
    """
    if device.type == "cpu" or spec.precision == "bf16":
        return torch.channels_last
    return torch.contiguous_format


def memory_bytes(device: torch.device) -> int:
    """All of the device's memory, whoever uses it."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def name(device: torch.device, count: int = 1) -> str:
    one = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return one if count == 1 else f"{count} × {one}"


def versions() -> dict[str, str]:
    """What the result was made with. Looked up without importing any of it."""
    packages = {"torch": "torch", "torchvision": "torchvision", "numpy": "numpy", "trainer": "reslab"}
    return {"python": platform.python_version()} | {part: _version(package) for part, package in packages.items()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
