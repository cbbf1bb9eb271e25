"""Owns the ranks of a run on several devices: one process per device; rank 0 prints events, saves and decides.

BN is per device, as in the paper, and rank 0's running statistics are the run's. Each rank sees its slice of the same
global mini-batch. What they exchange in each iteration is in trainer/process/exchange.py.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor
from torch._C._distributed_c10d import PrefixStore, Store, TCPStore  # where torch.distributed's own types are declared

from trainer.process.pulse import Pulse, answers
from trainer.process.supervision import Stop

# A dead rank is noticed by its closed connection or its parent, and one that hangs by its pulse. All of them may be
# paused together for as long, as services can be.
PATIENCE = timedelta(days=1)
# Keys in the store.
FAILURE, STOP = "failure", "stop"


@dataclass(frozen=True)
class Ranks:
    """This process's rank among the `count` of its run. For a single process, rank 0 of 1, all methods are free."""

    rank: int = 0
    count: int = 1
    is_first_here: bool = True  # of this machine's
    control: dist.ProcessGroup | None = None  # gloo in addition to nccl: agreed values are in host memory
    pulse: Pulse = field(default_factory=Pulse)
    store: Store | None = None

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def share(self, batch_size: int) -> slice:
        """This rank's part of a global mini-batch, whose size the specification makes divisible."""
        size = batch_size // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def part(self, items: int) -> slice:
        """This rank's part of `items` in order, which need not be divisible. Rank 0 has one if anybody has."""
        first, last = (-(-items * rank // self.count) for rank in (self.rank, self.rank + 1))
        return slice(first, last)

    def begin_sum(self, values: Tensor) -> "Sum":
        """Begin to replace a tensor on the training device by its sum over the ranks."""
        with answers():
            work: dist.Work = dist.all_reduce(values, async_op=True)
        return Sum(values, work, self.pulse)

    def agree(self, values: Sequence[float]) -> list[float]:
        """Rank 0's values, on every rank; the others wait for them."""
        if self.count == 1:
            return list(values)
        shared = torch.tensor(values, dtype=torch.float64)
        with self.pulse.waits():
            dist.broadcast(shared, src=0, group=self.control)
        numbers: list[float] = shared.tolist()
        return numbers

    def spread(self, tensors: Iterable[Tensor]) -> None:
        """Replace floating-point tensors on the training device by rank 0's."""
        floating = [tensor for tensor in tensors if tensor.is_floating_point()]
        if self.count == 1 or not floating:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in floating])
        with self.pulse.waits():
            dist.broadcast(flat, src=0)
        parts = torch.split(flat, [tensor.numel() for tensor in floating])
        torch._foreach_copy_(floating, [part.view_as(tensor) for tensor, part in zip(floating, parts, strict=True)])

    def pool(self, rows: Tensor, before: int, total: int) -> Tensor:
        """Every rank's rows, float64 (total, columns) in host memory, of which `before` precede this rank's.

        What is added to a row is 0, so that it is exactly what its rank computed.
        """
        table = torch.zeros(total, *rows.shape[1:], dtype=torch.float64)
        table[before : before + len(rows)] = rows
        if self.count > 1:
            with self.pulse.waits():
                dist.all_reduce(table, group=self.control)
        return table

    def any(self, is_true: bool) -> bool:
        """Whether it is true on any rank."""
        return bool(self.pool(torch.tensor([[float(is_true)]]), self.rank, self.count).any())

    def hears_stop(self, stop: Stop) -> bool:
        """Whether rank 0 was asked to stop: heard soon while each rank works on its own, but not at the same moment."""
        self.pulse.turns += 1  # this rank goes on
        if self.is_first and stop.is_requested and self.store:
            self.store.set(STOP, "")
        if self.is_first or self.store is None:
            return stop.is_requested
        return self.store.check([STOP])

    def meet(self) -> None:
        """Wait until every rank is here. Preparing data may take hours, so that nobody counts as hanging meanwhile."""
        if self.count > 1:
            with answers():
                dist.barrier(group=self.control)


@dataclass(frozen=True)
class Sum:
    """A sum over the ranks that is being computed."""

    values: Tensor
    work: dist.Work
    pulse: Pulse

    def wait(self) -> Tensor:
        """The sum. A GPU's stream waits for it; the host only on a CPU."""
        with self.pulse.waits():
            self.work.wait()
        return self.values


ALONE = Ranks()


def join(devices: int, device: torch.device, store: Store, rank: int) -> Ranks:
    """Connect to the other ranks; this one has `device`. Returns when all have connected."""
    is_gpu = device.type == "cuda"
    dist.init_process_group(
        "nccl" if is_gpu else "gloo",
        store=store,
        rank=rank,
        world_size=devices,
        timeout=PATIENCE,
        # nccl connects now and not in the first iteration, and to the right device.
        device_id=torch.device("cuda", torch.cuda.current_device()) if is_gpu else None,
    )
    # None: the default group, which is gloo already.
    control = dist.new_group(backend="gloo", timeout=PATIENCE) if is_gpu else None
    is_first_here = os.environ.get("LOCAL_RANK", "0") == "0"
    return Ranks(rank, devices, is_first_here, None if isinstance(control, int) else control, store=store)


def meeting_point(rank: int, devices: int, listener: int | None = None) -> Store:
    """Where the ranks find each other: MASTER_ADDR and MASTER_PORT, as torchrun sets them.

    Rank 0 opens it at the listening socket `listener`, unless torchrun has opened it. torch itself would listen on
    every address of the machine, and the store has no authentication.
    """
    is_open = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    store = TCPStore(
        os.environ["MASTER_ADDR"],
        int(os.environ["MASTER_PORT"]),
        devices,
        is_master=rank == 0 and not is_open,
        wait_for_workers=False,
        timeout=PATIENCE,
        master_listen_fd=listener,
    )
    return PrefixStore("reslab", store)
