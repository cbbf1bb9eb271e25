"""What a trainer's processes and its GPU do, read about once a second: CPU, memory, load, power, temperature.

The GPU through NVML (nvidia-ml-py), where the driver is there; untried on a real one, as no machine here has any.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil
import pynvml

from store.runs.samples import Machine
from worker.device import Device


class Sampler:
    """Reads one trainer, with all of its children, and the first GPU that it sees."""

    def __init__(self, pid: int, device: Device) -> None:
        self._pid = pid
        self._gpu = _gpu(device) if device.queue == "gpu" else None
        self._seen: tuple[float, float] | None = None  # when, and the CPU seconds until then

    def read(self) -> Machine:
        """Nothing of a trainer that has just left; the CPU's share is of the time since the last reading."""
        processes: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):
            trainer = psutil.Process(self._pid)
            processes = [trainer, *trainer.children(recursive=True)]
        used_s = ram_bytes = 0.0
        for process in processes:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                times = process.cpu_times()
                used_s += times.user + times.system
                ram_bytes += process.memory_info().rss
        return Machine(cpu=self._cores(used_s), ram_bytes=ram_bytes or None, **_readings(self._gpu))

    def _cores(self, used_s: float) -> float | None:
        before, self._seen = self._seen, (time.monotonic(), used_s)
        if before is None or self._seen[0] <= before[0]:
            return None
        # A child that ended took its seconds with it.
        return max(used_s - before[1], 0.0) / (self._seen[0] - before[0])


def _gpu(device: Device) -> Any:
    """NVML's handle; None where the driver does not answer."""
    visible = device.environment.get("CUDA_VISIBLE_DEVICES") or os.environ.get("CUDA_VISIBLE_DEVICES") or "0"
    first = visible.split(",")[0].strip()
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        if first.isdecimal():
            return pynvml.nvmlDeviceGetHandleByIndex(int(first))
        return pynvml.nvmlDeviceGetHandleByUUID(first)
    return None


def _readings(gpu: Any) -> dict[str, float]:
    """What the GPU tells; a card tells not everything."""
    if gpu is None:
        return {}
    asked: dict[str, Callable[[], float]] = {
        "gpu": lambda: pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100,
        "gpu_memory_bytes": lambda: pynvml.nvmlDeviceGetMemoryInfo(gpu).used,
        "gpu_power_w": lambda: pynvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
        "gpu_temperature_c": lambda: pynvml.nvmlDeviceGetTemperature(gpu, pynvml.NVML_TEMPERATURE_GPU),
    }
    found = {}
    for name, ask in asked.items():
        with suppress(pynvml.NVMLError):
            found[name] = float(ask())
    return found
