"""The trainer's speed, as ratios: candidates take turns, so that a busy machine slows all of them equally.

Run `make bench-trainer` on an idle machine. Prints a Markdown table for docs/experiments.md; the goals beside the
numbers are the project's own.
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
from trainer.data.images import Data, DecodedDataSet, Images, arrange
from trainer.events import Steps
from trainer.files import checkpoint, weights
from trainer.loop import Environment, train
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
# Runs this many iterations, or a few more, and returns their number.
Runner = Callable[[int], int]


@dataclass(frozen=True)
class Turn:
    """Images per second, and per second of all processes' CPU time, which a busy machine disturbs less."""

    images_per_s: float
    images_per_cpu_s: float


def whole_loop(data: Data, environment: Environment) -> Runner:
    """`python -m trainer run` without the process around it: data, augmentation, metrics, events as JSON."""
    events = train(SPEC, data, environment)

    def run(iterations: int) -> int:
        done = 0
        while done < iterations:
            event = next(events)
            event.model_dump_json()
            done += len(event.loss) if isinstance(event, Steps) else 0
        return done

    return run


def bare_step(data: Data, environment: Environment) -> Runner:
    """The same step on one prepared mini-batch, and nothing else."""
    training = begin(SPEC, 10, data.hash, environment.device)
    inputs, labels = Batches(SPEC, data).at(1)

    def run(iterations: int) -> int:
        for _ in range(iterations):
            loss, _ = step(training, inputs, labels, 0.1)
        loss.item()
        return iterations

    return run


@contextmanager
def usual_script(device: torch.device, loaders: int) -> Iterator[Runner]:
    """The kind of script found on the web, in a process of its own: see benchmarks/usual_script.py."""
    command = [sys.executable, "-m", "benchmarks.usual_script", str(SPEC.batch_size), str(loaders), device.type]
    threads = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=threads
    ) as process:
        requests, answers = process.stdin, process.stdout
        assert requests and answers  # noqa: PT018 (PIPE above; Popen's type cannot say so)

        def run(iterations: int) -> int:
            requests.write(f"{iterations}\n")
            return int(answers.readline())

        yield run


def in_turns(runners: dict[str, Runner], rounds: int, iterations: int) -> dict[str, list[Turn]]:
    """Each runner's turns, round by round. The first round warms up and does not count."""
    turns: dict[str, list[Turn]] = {name: [] for name in runners}
    for number in range(rounds + 1):
        for name, run in runners.items():
            start_s, start_cpu_s = perf_counter(), cpu_seconds()
            images = SPEC.batch_size * run(iterations if number else 2)
            turn = Turn(images / (perf_counter() - start_s), images / (cpu_seconds() - start_cpu_s))
            if number:
                turns[name].append(turn)
        sys.stderr.write(f"round {number} of {rounds}\n")
    return turns


def cpu_seconds() -> float:
    """The CPU time of this process and all its children."""
    parent = psutil.Process()
    times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def ratio(turns: dict[str, list[Turn]], name: str, other: str) -> str:
    return f"{_compare(turns, name, other, 'images_per_s')} images/s"


def cpu_ratio(turns: dict[str, list[Turn]], name: str, other: str) -> str:
    return f"{_compare(turns, name, other, 'images_per_cpu_s')} images a second of CPU time"


def _compare(turns: dict[str, list[Turn]], name: str, other: str, rate: str) -> str:
    ours, theirs = ([getattr(turn, rate) for turn in turns[runner]] for runner in (name, other))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return (
        f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f} (n = {len(ratios)}); "
        f"{statistics.median(ours):.0f} against {statistics.median(theirs):.0f}"
    )


def stall(data: Data, environment: Environment, iteration_s: float, times: int) -> str:
    """How long a checkpoint, which also writes weights, pauses the loop, in iterations."""
    training = begin(SPEC, 10, data.hash, environment.device)
    stalls = []
    for number in range(1, times + 1):
        training.iteration = number
        start_s = perf_counter()
        weights.save(training, data, environment.workdir / f"weights-{number}.safetensors")
        checkpoint.save(training, environment.workdir)
        stalls.append((perf_counter() - start_s) / iteration_s)
    median_ms = 1000 * statistics.median(stalls) * iteration_s
    return (
        f"median {statistics.median(stalls):.3f} iterations ({median_ms:.0f} ms), most {max(stalls):.3f} (n = {times})"
    )


def activations(data: Data, environment: Environment) -> str:
    """The memory that backward keeps: counted on a CPU, the allocator's peak on a GPU."""
    planned_bytes = plan(SPEC).memory.activations_bytes
    network = build(SPEC, 10).to(environment.device)
    inputs, _ = Batches(SPEC, data).at(1)
    if environment.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        network(inputs).sum().backward()
        measured_bytes = torch.cuda.max_memory_allocated() - before
    else:
        measured_bytes = count_saved_bytes(network, inputs)
    return f"{measured_bytes / planned_bytes:.3f} ({measured_bytes / 2**20:.1f} of {planned_bytes / 2**20:.1f} MiB)"


def count_saved_bytes(network: nn.Module, inputs: torch.Tensor) -> int:
    """The bytes that autograd saves for backward, without parameters and buffers."""
    own = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict(keep_vars=True).values()}
    sizes: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(inputs)
    return sum(sizes.values())


def pictures() -> DecodedDataSet:
    """Noise in CIFAR-10's shape: speed does not depend on the images' content."""
    chance = np.random.default_rng(2015)
    pixels = torch.from_numpy(chance.integers(0, 256, (IMAGES, 3, 32, 32), dtype=np.uint8))
    images = Images(pixels, torch.from_numpy(chance.integers(0, 10, IMAGES)))
    return DecodedDataSet(images, images.pick(torch.arange(500)), tuple(map(str, range(10))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="number of turns (default: %(default)s)")
    parser.add_argument("--iterations", type=int, default=10, help="mini-batches per turn (default: %(default)s)")
    parser.add_argument(
        "--loaders",
        type=int,
        default=os.cpu_count() or 1,
        help="the usual script's (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, help="CPU threads (default: all cores of this process)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    options = parser.parse_args()

    target = device.choose(options.device)
    device.prepare(SPEC, options.threads)
    data = arrange(pictures(), None, 0, target)
    with (
        tempfile.TemporaryDirectory(prefix="reslab-bench-", dir=".") as folder,
        usual_script(target, options.loaders) as usual_runner,
    ):
        environment = Environment(Path(folder), target, Stop())
        runners = {"loop": whole_loop(data, environment), "step": bare_step(data, environment), "usual": usual_runner}
        turns = in_turns(runners, options.rounds, options.iterations)
        iteration_s = SPEC.batch_size / statistics.median(turn.images_per_s for turn in turns["loop"])
        usual = f"the whole loop against the usual script, {options.loaders} loaders"
        rows: list[Row] = [
            ("the whole loop against the bare step on one prepared batch", ratio(turns, "loop", "step"), "≥ 0.97"),
            (usual, ratio(turns, "loop", "usual"), "≥ 1.5"),
            ("… by all processes' CPU time", cpu_ratio(turns, "loop", "usual"), ""),
            ("a checkpoint's stall", stall(data, environment, iteration_s, times=20), "< 1"),
            ("activations: measured against planned", activations(data, environment), "≤ 1.15"),
        ]  # fmt: skip
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    machine = f"{device.name(target)} ({platform.machine()}, {os.cpu_count()} cores), {torch.get_num_threads()} threads"
    print(f"{SPEC.name}, batch {SPEC.batch_size}, {machine}, torch {torch.__version__}, commit {commit}\n")
    print("| what | measured | goal |\n|---|---|---|")
    for quantity, result, goal in rows:
        print(f"| {quantity} | {result} | {goal} |")


if __name__ == "__main__":
    main()
