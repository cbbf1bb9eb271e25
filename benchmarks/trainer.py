"""The trainer's speed, as ratios: candidates take turns, so that a busy machine slows all of them equally.

Run `make bench-trainer` on an idle machine. Prints a Markdown table for docs/experiments.md; the goals beside the
numbers are the project's own.
"""

import argparse
import os
import platform
import statistics
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import torch

from trainer.acceptance.memory import count_saved_bytes
from trainer.acceptance.turns import bare_step, compare, in_turns, noise, usual_script, whole_loop
from trainer.data.batches import Batches
from trainer.data.images import Data
from trainer.files import checkpoint, weights
from trainer.files.draft import copies
from trainer.loop import Environment, are_finite
from trainer.networks import build
from trainer.plan import plan
from trainer.process import device
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import begin
from trainer.workdir import checkpoint_path, weights_path

IMAGES = 50_000
NEVER = 1_000_000
SPEC = RunSpec(
    depth=20, shortcut="A", dataset="cifar10", iterations=NEVER, evaluate_every=NEVER, checkpoint_every=NEVER
)
Row = tuple[str, str, str]


def stall(data: Data, environment: Environment, iteration_s: float, times: int) -> str:
    """How long a checkpoint, which also writes weights, pauses the loop, in iterations: a thread writes both."""
    training = begin(SPEC, 10, data.hash, environment.device)
    stalls = []
    for number in range(1, times + 1):
        training.iteration = number
        start_s = perf_counter()
        are_finite(training.network.state_dict().values())
        weights_draft, state = copies([weights.draft(training, data), checkpoint.draft(training)])
        stalls.append((perf_counter() - start_s) / iteration_s)
        weights_draft.write(weights_path(environment.workdir, number, ".safetensors"))
        state.write(checkpoint_path(environment.workdir, number))
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
    data = noise(IMAGES, target)
    with (
        tempfile.TemporaryDirectory(prefix="reslab-bench-", dir=".") as folder,
        usual_script(SPEC.batch_size, target, options.loaders) as usual_runner,
    ):
        environment = Environment(Path(folder), target, Stop())
        runners = {
            "loop": whole_loop(SPEC, data, environment),
            "step": bare_step(SPEC, data, target),
            "usual": usual_runner,
        }
        turns = in_turns(runners, SPEC.batch_size, options.rounds, options.iterations)
        to_step, to_usual = compare(turns["loop"], turns["step"]), compare(turns["loop"], turns["usual"])
        by_cpu = compare(turns["loop"], turns["usual"], by_cpu_time=True)
        iteration_s = SPEC.batch_size / statistics.median(turn.images_per_s for turn in turns["loop"])
        usual = f"the whole loop against the usual script, {options.loaders} loaders"
        rows: list[Row] = [
            ("the whole loop against the bare step on one prepared batch", f"{to_step} images/s", "≥ 0.97"),
            (usual, f"{to_usual} images/s", "≥ 1.5"),
            ("… by all processes' CPU time", f"{by_cpu} images a second of CPU time", ""),
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
