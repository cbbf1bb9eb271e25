"""Owns what every measurement of a check is made under: the device, its clock, the folder, the form."""

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
        """The shortest of `times` executions, after one that warms up and does not count."""
        work()
        return min(self._time(work) for _ in range(times))

    def _time(self, work: Callable[[], object]) -> float:
        self.synchronise()
        start_s = perf_counter()
        work()
        self.synchronise()
        return perf_counter() - start_s

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
