"""Readings of a trainer's processes and its GPU, about once a second: CPU, memory, load, power, temperature.

The GPU is read through NVML (nvidia-ml-py) if its driver is installed. Not tested on a real GPU yet.
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
    """Reads one trainer with all of its children, and the first GPU visible to it."""

    def __init__(self, pid: int, device: Device) -> None:
        self._pid = pid
        self._gpu = _gpu(device) if device.queue == "gpu" else None
        self._last: tuple[float, float] | None = None  # the time of the last reading, and the CPU seconds until then

    def read(self) -> Machine:
        """The CPU load is measured since the last reading. Empty values if the trainer has just ended."""
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
        before, self._last = self._last, (time.monotonic(), used_s)
        if before is None or self._last[0] <= before[0]:
            return None
        # The seconds of a child that has ended are gone: never below 0.
        return max(used_s - before[1], 0.0) / (self._last[0] - before[0])


def _gpu(device: Device) -> Any:
    """NVML's handle, or None if the driver doesn't answer."""
    visible = device.environment.get("CUDA_VISIBLE_DEVICES") or os.environ.get("CUDA_VISIBLE_DEVICES") or "0"
    first = visible.split(",")[0].strip()
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        if first.isdecimal():
            return pynvml.nvmlDeviceGetHandleByIndex(int(first))
        return pynvml.nvmlDeviceGetHandleByUUID(first)
    return None


def _readings(gpu: Any) -> dict[str, float]:
    """The values that this GPU reports; not every card reports all of them."""
    if gpu is None:
        return {}
    readers: dict[str, Callable[[], float]] = {
        "gpu": lambda: pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100,
        "gpu_memory_bytes": lambda: pynvml.nvmlDeviceGetMemoryInfo(gpu).used,
        "gpu_power_w": lambda: pynvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
        "gpu_temperature_c": lambda: pynvml.nvmlDeviceGetTemperature(gpu, pynvml.NVML_TEMPERATURE_GPU),
    }
    values = {}
    for name, read in readers.items():
        with suppress(pynvml.NVMLError):
            values[name] = float(read())
    return values
