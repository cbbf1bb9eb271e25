"""Owns what every measurement of a check is made under: the device, its clock, the folder, the form."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch

from trainer.acceptance.report import NO_GPU, Machine, Measurement
from trainer.identity import source_digest, versions
from trainer.process import device as machine
from trainer.spec import RunSpec

# No measurement reaches this iteration, so none has an evaluation or a checkpoint in it.
NEVER = 1_000_000
# A slow device is measured less often.
PATIENCE_S = 5.0
IN_A_ROW = 10


@dataclass(frozen=True)
class Conditions:
    """`devices` share a run where scaling is measured. The short form measures each claim once, on small networks."""

    device: torch.device
    workdir: Path
    devices: int = 1
    is_short: bool = False

    @property
    def is_gpu(self) -> bool:
        return self.device.type == "cuda"

    def synchronise(self) -> None:
        """Wait until the device has done its work."""
        if self.is_gpu:
            torch.cuda.synchronize()

    def seconds(self, work: Callable[[], object], times: int) -> float:
        """The shortest of at most `times` measurements, after one execution that warms up and does not count."""
        work()
        shortest_s, end_s = math.inf, perf_counter() + PATIENCE_S
        for _ in range(times):
            shortest_s = min(shortest_s, self._time(work))
            if perf_counter() > end_s:
                break
        return shortest_s

    def _time(self, work: Callable[[], object]) -> float:
        """Seconds of one execution. A GPU gets several in a row, as in a run: its host is ahead of it."""
        count = IN_A_ROW if self.is_gpu else 1
        self.synchronise()
        start_s = perf_counter()
        for _ in range(count):
            work()
        self.synchronise()
        return (perf_counter() - start_s) / count

    def describe(self) -> Machine:
        return Machine(
            device=machine.name(self.device),
            processor=machine.processor(),
            cores=len(os.sched_getaffinity(0)),
            threads=torch.get_num_threads(),
            memory_bytes=machine.memory_bytes(self.device),
            load=os.getloadavg()[0],
            versions=versions(),
            source=source_digest(),
        )


def needs_gpu(topic: str, what: str, reason: str) -> Measurement:
    """The measurement of a claim about GPUs, on a machine without one."""
    return Measurement(topic=topic, what=what, measured=NO_GPU, verdict="not run", reason=reason)


def cifar(depth: int, batch_size: int = 128) -> RunSpec:
    """A network with option A as in sec. 4.2, which is neither evaluated nor saved while it is measured."""
    return _endless(RunSpec(depth=depth, shortcut="A", dataset="cifar10", batch_size=batch_size))


def imagenet(depth: int, batch_size: int = 256) -> RunSpec:
    """A network with option B as in Table 1."""
    return _endless(RunSpec(depth=depth, shortcut="B", dataset="imagenet", batch_size=batch_size))


def _endless(spec: RunSpec) -> RunSpec:
    return spec.model_copy(update=dict.fromkeys(("iterations", "evaluate_every", "checkpoint_every"), NEVER))
