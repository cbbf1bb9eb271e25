"""Owns the machine's settings: device, threads, precision, and that results are reproducible bit for bit."""

import ctypes
import os
import platform
from contextlib import suppress
from pathlib import Path

import torch

from trainer.failure import Failure, MachineFault
from trainer.process.options import DeviceChoice
from trainer.tasks import Spec

# malloc.h; 32 MiB is the largest threshold that glibc takes, four maps of ResNet-20's first stage at batch 128.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_MMAP_THRESHOLD = 32 * 2**20


def choose(choice: DeviceChoice, devices: int = 1) -> torch.device:
    """This process's device, which works; the run has `devices` on this machine.

    Raises Failure(`invalid`) if the machine has too few of that kind, and MachineFault if it has none, or one that
    cannot be used.
    """
    target = _choose(choice, devices)
    if choice == "cuda" or target.type == "cuda":
        _open(target)
    return target


def _choose(choice: DeviceChoice, devices: int) -> torch.device:
    if choice == "cuda" and not torch.cuda.is_available():
        return torch.device("cuda")  # `_open` finds out why
    if choice == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    if devices > torch.cuda.device_count():
        raise Failure("invalid", f"devices is {devices}, but this machine has {_gpus()}.")
    if devices == 1:
        return torch.device("cuda")
    target = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(target)
    return target


def _open(device: torch.device) -> None:
    """Use the device once, so that a broken driver is noticed before anything else happens."""
    try:
        torch.empty(1, device=device).fill_(1).item()
    except (RuntimeError, AssertionError) as error:  # AssertionError: this torch was built without CUDA
        why = str(error).partition("\n")[0]
        raise MachineFault(f"This machine has no GPU that torch can use: {why}") from error


def _gpus() -> str:
    count = torch.cuda.device_count()
    return "1 GPU" if count == 1 else f"{count} GPUs"


def prepare(spec: Spec, threads: int | None, devices: int = 1) -> None:
    """Set up the process for one run, which has `devices` processes on this machine.

    Results depend on the number of threads, because it splits sums.
    """
    count = threads or int(os.environ.get("OMP_NUM_THREADS", "0"))
    torch.set_num_threads(count or max(len(os.sched_getaffinity(0)) // devices, 1))
    _keep_freed_memory()
    torch.backends.cudnn.benchmark = not spec.deterministic
    if spec.deterministic:
        # cuBLAS reads this when it is first used; without it torch refuses to be deterministic.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # Does the same as use_deterministic_algorithms(True), which loads torch._inductor in 1.2 s.
        torch.set_deterministic_debug_mode("error")
        # Filling new memory finds bugs but costs time; every tensor here is written before it is read.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a module's property
    # torch's default lets cuDNN use TF32, which is not the paper's precision.
    precision = "tf32" if spec.precision == "tf32" else "ieee"
    torch.backends.cudnn.conv.fp32_precision = precision  # type: ignore[attr-defined]  # a module's property
    torch.backends.cuda.matmul.fp32_precision = precision


def _keep_freed_memory() -> None:
    """Have glibc keep the memory that one iteration frees for the next, instead of returning it to the kernel, which
    would have to clear every page again. Other C libraries are left as they are.
    """
    with suppress(AttributeError):
        allocator = ctypes.CDLL(None).mallopt
        allocator(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
        allocator(M_TRIM_THRESHOLD, 2**31 - 1)


def loaders(devices: int) -> int:
    """How many processes decode photographs for one device: its share of the cores, minus the training process."""
    return max(len(os.sched_getaffinity(0)) // devices - 1, 1)


def memory_format(device: torch.device, spec: Spec) -> torch.memory_format:
    """Channels last where it is faster: on CPUs (577 against 331 images/s for ResNet-20 on 2 cores), and on GPUs for
    the tensor cores of tf32 and bf16 (by cuDNN's documentation, which prefers NCHW for fp32; not run here: no GPU).
    """
    if device.type == "cpu" or spec.precision != "fp32":
        return torch.channels_last
    return torch.contiguous_format


def autocast(device: torch.device, spec: Spec) -> torch.autocast:
    """The run's precision, for training and evaluation: bf16 for what is safe in it, or no change at all.

    A weight is cast at each use: a cast that was kept from an evaluation has no gradient, and one from before a CUDA
    graph was captured has another address.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=spec.precision == "bf16", cache_enabled=False)


def memory_bytes(device: torch.device) -> int:
    """The device's total memory, used or free."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def name(device: torch.device, count: int = 1) -> str:
    model = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return model if count == 1 else f"{count} × {model}"


def processor() -> str:
    """The CPU's model and the vector instructions that torch uses: they decide how sums are rounded on a CPU."""
    model = platform.machine()
    with suppress(OSError):  # Linux only
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}"
