"""Owns the machine: which device, how many threads, which precision, and that a result repeats bit for bit."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import torch

from trainer.failure import Failure
from trainer.spec import RunSpec

Choice = Literal["auto", "cpu", "cuda"]


def choose(choice: Choice) -> torch.device:
    """The device asked for. Raises Failure(`invalid`) where there is none of that kind."""
    if choice == "cuda" and not torch.cuda.is_available():
        raise Failure("invalid", "--device cuda: this machine has no GPU that torch can use")
    return torch.device("cuda" if choice != "cpu" and torch.cuda.is_available() else "cpu")


def prepare(spec: RunSpec, threads: int | None) -> None:
    """Set the process up for one run. The thread count is part of what repeats: sums are split by it."""
    asked = threads or int(os.environ.get("OMP_NUM_THREADS", "0"))
    torch.set_num_threads(asked or len(os.sched_getaffinity(0)))
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


def memory_format(device: torch.device, spec: RunSpec) -> torch.memory_format:
    """Channels last where it is faster: on CPUs (577 against 331 images/s for ResNet-20 on 2 cores), and on
    GPUs under bf16, whose tensor cores want it.
    """
    if device.type == "cpu" or spec.precision == "bf16":
        return torch.channels_last
    return torch.contiguous_format


def name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def versions() -> dict[str, str]:
    """What the result was made with. Looked up without importing any of it."""
    packages = {"torch": "torch", "torchvision": "torchvision", "numpy": "numpy", "trainer": "reslab"}
    return {"python": platform.python_version()} | {part: _version(package) for part, package in packages.items()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
