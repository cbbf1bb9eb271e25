"""Owns the processes of a run on several devices: one each, rank 0 the one that speaks, saves and decides.

Gradients are summed by one all-reduce of one flat buffer, and not by DistributedDataParallel, which puts its buckets
in another order after the first iteration of every process: with three devices or more a resumed run would add up in
another order than one that never stopped. BN stays per device, as in the paper: rank 0's running statistics are the
run's. Each rank sees its slice of the same global mini-batch.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor
from torch._C._distributed_c10d import PrefixStore, Store, TCPStore  # where torch.distributed's own types are declared

# A rank that died is noticed by its closed connection or by its parent; one that waits is held, as its service may be.
PATIENCE = timedelta(days=1)
FAILURE = "failure"


@dataclass(frozen=True)
class Ranks:
    """This process among the `count` of its run. Alone it is rank 0 of 1, and everything here is free."""

    rank: int = 0
    count: int = 1
    control: dist.ProcessGroup | None = None  # gloo beside nccl: what is agreed lies in host memory

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def share(self, batch_size: int) -> slice:
        """This rank's part of a global mini-batch, which the specification made divisible."""
        size = batch_size // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def sum_up(self, tensors: list[Tensor]) -> None:
        """Replace float32 tensors of one device by their sums over the ranks. No synchronisation with the host."""
        if self.count == 1:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(flat)
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        torch._foreach_copy_(tensors, [part.view_as(tensor) for tensor, part in zip(tensors, parts, strict=True)])

    def agree(self, values: Sequence[float]) -> list[float]:
        """Rank 0's values, on every rank; the others wait for them."""
        if self.count == 1:
            return list(values)
        told = torch.tensor(values, dtype=torch.float64)
        dist.broadcast(told, src=0, group=self.control)
        agreed: list[float] = told.tolist()
        return agreed


ALONE = Ranks()


def join(devices: int, kind: str, store: Store, rank: int) -> Ranks:
    """Meet the other ranks; returns when all are there."""
    dist.init_process_group(
        "nccl" if kind == "cuda" else "gloo", store=store, rank=rank, world_size=devices, timeout=PATIENCE
    )
    # None: the default group, which is gloo already.
    control = dist.new_group(backend="gloo", timeout=PATIENCE) if kind == "cuda" else None
    return Ranks(rank, devices, None if isinstance(control, int) else control)


def meeting_point(rank: int, devices: int, listener: int | None = None) -> Store:
    """Where the ranks find each other: MASTER_ADDR and MASTER_PORT, as torchrun sets them.

    Rank 0 opens it, unless torchrun did: at the listening socket `listener` where there is one. torch itself would
    listen on every address of the machine, and the meeting point asks nobody who they are.
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
