"""How fast the trainer is, in ratios: everything in turns, so that a busy machine slows all alike.

`make bench-trainer` on a machine that does nothing else. Prints a Markdown table for docs/experiments.md; the limits
beside the numbers are what the project set itself.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
import torch
from torch import nn

from trainer.data.batches import Batches
from trainer.data.images import Data, Decoded, Images, arrange
from trainer.events import Steps
from trainer.files import checkpoint, weights
from trainer.loop import Place, train
from trainer.networks import build
from trainer.plan import plan
from trainer.process import device
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import begin, step

IMAGES = 50_000
NEVER = 1_000_000
SPEC = RunSpec(
    depth=20, shortcut="A", dataset="cifar10", iterations=NEVER, evaluate_every=NEVER, checkpoint_every=NEVER
)
Row = tuple[str, str, str]
# Does so many iterations, or a few more, and says how many.
Runner = Callable[[int], int]


@dataclass(frozen=True)
class Turn:
    """Images a second; and a second of CPU time, over all processes, which a busy machine disturbs less."""

    images_per_s: float
    images_per_cpu_s: float


def whole_loop(data: Data, place: Place) -> Runner:
    """`python -m trainer run` without the process around it: data, augmentation, metrics, events as JSON."""
    events = train(SPEC, data, place)

    def run(iterations: int) -> int:
        done = 0
        while done < iterations:
            event = next(events)
            event.model_dump_json()
            done += len(event.loss) if isinstance(event, Steps) else 0
        return done

    return run


def bare_step(data: Data, place: Place) -> Runner:
    """The same step on one mini-batch that lies ready: nothing else happens."""
    training = begin(SPEC, 10, data.hash, place.device)
    inputs, labels = Batches(SPEC, data).at(1)

    def run(iterations: int) -> int:
        for _ in range(iterations):
            loss, _ = step(training, inputs, labels, 0.1)
        loss.item()
        return iterations

    return run


@contextmanager
def usual_script(device: torch.device, loaders: int) -> Iterator[Runner]:
    """What one finds on the web, in a process of its own: see benchmarks/usual_script.py."""
    command = [sys.executable, "-m", "benchmarks.usual_script", str(SPEC.batch_size), str(loaders), device.type]
    threads = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=threads
    ) as process:
        asked, told = process.stdin, process.stdout
        assert asked and told  # noqa: PT018 (PIPE above; Popen's type cannot say so)

        def run(iterations: int) -> int:
            asked.write(f"{iterations}\n")
            return int(told.readline())

        yield run


def in_turns(runners: dict[str, Runner], rounds: int, iterations: int) -> dict[str, list[Turn]]:
    """Each runner's turns, round by round. A first round warms up and is not counted."""
    turns: dict[str, list[Turn]] = {name: [] for name in runners}
    for number in range(rounds + 1):
        for name, run in runners.items():
            began, used = perf_counter(), cpu_seconds()
            images = SPEC.batch_size * run(iterations if number else 2)
            turn = Turn(images / (perf_counter() - began), images / (cpu_seconds() - used))
            if number:
                turns[name].append(turn)
        sys.stderr.write(f"round {number} of {rounds}\n")
    return turns


def cpu_seconds() -> float:
    """Of this process and all that it started."""
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def ratio(turns: dict[str, list[Turn]], one: str, other: str) -> str:
    return f"{_compared(turns, one, other, 'images_per_s')} images/s"


def cpu_ratio(turns: dict[str, list[Turn]], one: str, other: str) -> str:
    return f"{_compared(turns, one, other, 'images_per_cpu_s')} images a second of CPU time"


def _compared(turns: dict[str, list[Turn]], one: str, other: str, rate: str) -> str:
    ours, theirs = ([getattr(turn, rate) for turn in turns[name]] for name in (one, other))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return (
        f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f} (n = {len(ratios)}); "
        f"{statistics.median(ours):.0f} against {statistics.median(theirs):.0f}"
    )


def stall(data: Data, place: Place, iteration_s: float, times: int) -> str:
    """How long the loop stands still at a checkpoint, which writes weights as well, in iterations."""
    training = begin(SPEC, 10, data.hash, place.device)
    taken = []
    for number in range(1, times + 1):
        training.iteration = number
        began = perf_counter()
        weights.save(training, data, place.workdir / f"weights-{number}.safetensors")
        checkpoint.save(training, place.workdir)
        taken.append((perf_counter() - began) / iteration_s)
    median_ms = 1000 * statistics.median(taken) * iteration_s
    return f"median {statistics.median(taken):.3f} iterations ({median_ms:.0f} ms), most {max(taken):.3f} (n = {times})"


def activations(data: Data, place: Place) -> str:
    """What backward keeps: counted on a CPU, asked of the allocator on a GPU."""
    planned = plan(SPEC).memory.activations_bytes
    network = build(SPEC, 10).to(place.device)
    inputs, _ = Batches(SPEC, data).at(1)
    if place.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        network(inputs).sum().backward()
        kept = torch.cuda.max_memory_allocated() - before
    else:
        kept = bytes_kept(network, inputs)
    return f"{kept / planned:.3f} ({kept / 2**20:.1f} of {planned / 2**20:.1f} MiB)"


def bytes_kept(network: nn.Module, inputs: torch.Tensor) -> int:
    """Bytes of the storages that autograd holds for backward; parameters and buffers are not activations."""
    own = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict(keep_vars=True).values()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(inputs)
    return sum(kept.values())


def pictures() -> Decoded:
    """Noise in CIFAR-10's shape: speed does not depend on what is seen."""
    chance = np.random.default_rng(2015)
    pixels = torch.from_numpy(chance.integers(0, 256, (IMAGES, 3, 32, 32), dtype=np.uint8))
    images = Images(pixels, torch.from_numpy(chance.integers(0, 10, IMAGES)))
    return Decoded(images, images.pick(torch.arange(500)), tuple(map(str, range(10))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="turns that are counted (%(default)s)")
    parser.add_argument("--iterations", type=int, default=10, help="mini-batches a turn (%(default)s)")
    parser.add_argument("--loaders", type=int, default=os.cpu_count() or 1, help="of the usual script (%(default)s)")
    parser.add_argument("--threads", type=int, help="CPU threads (all of this process's cores)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    options = parser.parse_args()

    chosen = device.choose(options.device)
    device.prepare(SPEC, options.threads)
    data = arrange(pictures(), None, 0, chosen)
    with (
        tempfile.TemporaryDirectory(prefix="reslab-bench-", dir=".") as folder,
        usual_script(chosen, options.loaders) as usual_runner,
    ):
        place = Place(Path(folder), chosen, Stop())
        runners = {"loop": whole_loop(data, place), "step": bare_step(data, place), "usual": usual_runner}
        turns = in_turns(runners, options.rounds, options.iterations)
        iteration_s = SPEC.batch_size / statistics.median(turn.images_per_s for turn in turns["loop"])
        usual = f"the whole loop against the usual script, {options.loaders} loaders"
        rows: list[Row] = [
            ("the whole loop against the bare step on one staged batch", ratio(turns, "loop", "step"), "≥ 0.97"),
            (usual, ratio(turns, "loop", "usual"), "≥ 1.5"),
            ("… by the CPU time of all processes", cpu_ratio(turns, "loop", "usual"), ""),
            ("a checkpoint's stall", stall(data, place, iteration_s, times=20), "< 1"),
            ("activations: measured against planned", activations(data, place), "≤ 1.15"),
        ]  # fmt: skip
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    machine = f"{device.name(chosen)} ({platform.machine()}, {os.cpu_count()} cores), {torch.get_num_threads()} threads"
    print(f"{SPEC.name}, batch {SPEC.batch_size}, {machine}, torch {torch.__version__}, commit {commit}\n")
    print("| what | measured | goal |\n|---|---|---|")
    for what, measured, goal in rows:
        print(f"| {what} | {measured} | {goal} |")


if __name__ == "__main__":
    main()
