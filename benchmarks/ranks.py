"""What several devices cost in an iteration, as ratios: three ways to exchange gradients take turns in one run.

Run `make bench-ranks` on an idle machine. Prints a Markdown table for docs/experiments.md. The ranks are processes on
this machine's CPU, joined by gloo; each has an equal part of the cores.
"""

import argparse
import os
import platform
import statistics
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch
import torch.distributed as dist
import torch.multiprocessing as processes
import torch.nn.functional as F
from torch import Tensor
from torch._C._distributed_c10d import FileStore
from torch.nn.parallel import DistributedDataParallel

from trainer.networks import build
from trainer.process import buckets, device
from trainer.process.exchange import Exchange
from trainer.process.ranks import Ranks, join
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import Training, begin, step

CPU = torch.device("cpu")
# Images per rank are few: there is little backward to hide behind.
NETWORKS = {
    "ResNet-20": RunSpec(depth=20, shortcut="A", dataset="cifar10", batch_size=64),
    "ResNet-110": RunSpec(depth=110, shortcut="A", dataset="cifar10", batch_size=32),
    "ResNet-18": RunSpec(depth=18, shortcut="B", dataset="imagenet", batch_size=8),
}
CLASSES = 10
Step = Callable[[Tensor, Tensor], object]


def flat(spec: RunSpec, ranks: Ranks) -> Step:
    """As it was: one all-reduce of one buffer after backward, then rank 0 says whether to stop."""
    training = begin(spec, CLASSES, "", CPU)

    def run(inputs: Tensor, labels: Tensor) -> None:
        totals = _backward(training, training.network, inputs, labels)
        gradients = [weight.grad for weight in training.network.parameters() if weight.grad is not None]
        tensors = [*gradients, totals]
        buffer = torch.cat([tensor.reshape(-1) for tensor in tensors])
        dist.all_reduce(buffer)
        parts = torch.split(buffer, [tensor.numel() for tensor in tensors])
        torch._foreach_copy_(tensors, [part.view_as(tensor) for tensor, part in zip(tensors, parts, strict=True)])
        torch._foreach_div_(gradients, ranks.count)
        training.sgd.step(0.01)
        ranks.agree([0.0])

    return run


def overlapped(spec: RunSpec, ranks: Ranks) -> Step:
    """As it is: the trainer's own step."""
    training = begin(spec, CLASSES, "", CPU)
    training.share_with(ranks, Stop())

    def run(inputs: Tensor, labels: Tensor) -> None:
        step(training, inputs, labels, 0.01)
        assert isinstance(training.exchange, Exchange)
        training.exchange.is_stop_agreed()

    return run


def usual(spec: RunSpec, ranks: Ranks) -> Step:
    """DistributedDataParallel. `find_unused_parameters` keeps its buckets in the order of their first iteration."""
    del ranks
    training = begin(spec, CLASSES, "", CPU)
    network = DistributedDataParallel(training.network, broadcast_buffers=False, find_unused_parameters=True)

    def run(inputs: Tensor, labels: Tensor) -> None:
        totals = _backward(training, network, inputs, labels)
        dist.all_reduce(totals)
        training.sgd.step(0.01)

    return run


def _backward(training: Training, network: torch.nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    logits = network(inputs.contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(logits, labels)
    training.sgd.clear_gradients()
    loss.backward()
    wrong = (logits.detach().argmax(dim=1) != labels).sum()
    return torch.stack((loss.detach(), wrong.float()))


WAYS = {"flat": flat, "buckets": overlapped, "DDP": usual}


def measure(rank: int, options: argparse.Namespace, store: Path) -> None:
    """One rank's process; rank 0 prints."""
    warnings.simplefilter("ignore")  # DistributedDataParallel's, of its own options
    buckets.BUCKET_BYTES = int(options.mib * 2**20)
    count = options.ranks
    device.prepare(NETWORKS["ResNet-20"], None, count)
    ranks = join(count, CPU, FileStore(str(store), count), rank)
    for name in options.network or NETWORKS:
        spec = NETWORKS[name]
        size, side = spec.batch_size // count, 32 if spec.family == "cifar" else 224
        inputs, labels = torch.randn(size, 3, side, side), torch.arange(size) % CLASSES
        steps = {way: make(spec, ranks) for way, make in WAYS.items()}
        seconds = _in_turns(steps, inputs, labels, options.rounds, options.iterations)
        for way in ("buckets", "DDP") if rank == 0 else ():
            row = f"{name}, {_layout(spec)}, {size} images a rank"
            print(f"| {row} | {way} | {_ratio(seconds[way], seconds['flat'])} |", flush=True)
    dist.destroy_process_group()


def _layout(spec: RunSpec) -> str:
    parts = [
        sum(weight.nbytes for weight in bucket) for bucket in buckets.divide(list(build(spec, CLASSES).parameters()))
    ]
    return f"{sum(parts) / 2**20:.1f} MiB in {len(parts)} buckets, the last of {parts[-1] / 2**20:.2f}"


def _ratio(new: list[float], old: list[float]) -> str:
    ratios = [a / b for a, b in zip(new, old, strict=True)]
    return f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f} (n = {len(ratios)})"


def _in_turns(
    steps: dict[str, Step], inputs: Tensor, labels: Tensor, rounds: int, iterations: int
) -> dict[str, list[float]]:
    """The seconds of each way's turns, round by round. The first round warms up and does not count."""
    seconds: dict[str, list[float]] = {way: [] for way in steps}
    for number in range(rounds + 1):
        for way, run in steps.items():
            dist.barrier()
            start_s = perf_counter()
            for _ in range(iterations if number else 2):
                run(inputs, labels)
            dist.barrier()
            if number:
                seconds[way].append(perf_counter() - start_s)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranks", type=int, default=2, help="number of processes (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="number of turns (default: %(default)s)")
    parser.add_argument("--iterations", type=int, default=5, help="mini-batches a turn (default: %(default)s)")
    parser.add_argument(
        "--mib", type=float, default=buckets.BUCKET_BYTES / 2**20, help="a bucket (default: %(default)s)"
    )
    parser.add_argument("--network", choices=NETWORKS, action="append", help="(default: all)")
    options = parser.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    print(
        f"{options.ranks} ranks over gloo on {device.processor()} ({platform.machine()}, {os.cpu_count()} cores), "
        f"torch {torch.__version__}, commit {commit}\n"
    )
    print("| an iteration of | way | time, against one flat all-reduce |\n|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="reslab-bench-") as folder:
        processes.spawn(
            measure,
            (options, Path(folder) / "store"),
            nprocs=options.ranks,
        )


if __name__ == "__main__":
    main()
