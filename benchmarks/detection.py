"""A detector's loop against the bare step of the same network, in turns, and how many images a second a test takes.

Run `python -m benchmarks.detection --folder DATA` on an annotated data set. Prints a Markdown table for
docs/experiments.md.
"""

import argparse
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

import torch

from trainer.acceptance.turns import Runner, cpu_seconds, runner
from trainer.data.loaders import Loaders
from trainer.detection import data
from trainer.detection.batches import DetectionBatches
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import detect
from trainer.detection.spec import DetectionSpec
from trainer.detection.task import Detection
from trainer.detection.training import begin, step
from trainer.environment import Environment
from trainer.loop import run as loop
from trainer.process import device
from trainer.process.supervision import Stop

NEVER = 1_000_000


def specification(network: str, side: int) -> DetectionSpec:
    """The run on blood cells of docs/experiments.md, without an end."""
    return DetectionSpec.model_validate(
        {
            "task": "detection",
            "dataset": "bench",
            "network": network,
            "side": side,
            "longest": 4 * side,
            "anchors": {"sizes": [24, 48, 96]},
            "roi": {"size": 7, "batch": 16},
            "batch_size": 2,
            "lr": 0.001,
            "iterations": NEVER,
            "evaluate_every": NEVER,
            "checkpoint_every": NEVER,
        }
    )


def whole_loop(spec: DetectionSpec, loaded: DetectionData, environment: Environment) -> Runner:
    """`python -m trainer run` without the process around it: images, mirroring, metrics, events as JSON."""
    return runner(loop(Detection(spec, loaded, environment), environment))


def bare_step(spec: DetectionSpec, loaded: DetectionData, environment: Environment) -> Runner:
    """The same step on the same mini-batches, prepared beforehand, and nothing else."""
    training = begin(spec, len(loaded.classes), loaded.hash, environment.device)
    batches = DetectionBatches(spec, loaded)
    prepared = [batches.at(iteration) for iteration in range(1, 9)]

    def run(iterations: int) -> int:
        for _ in range(iterations):
            row = step(training, prepared[training.iteration % len(prepared)], 0, spec.lr)
        row[0].item()
        return iterations

    return run


def in_turns(runners: dict[str, Runner], rounds: int, iterations: int) -> dict[str, list[tuple[float, float]]]:
    """Iterations a second, and a second of CPU time, of each turn. The first round warms up and does not count."""
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in runners}
    for number in range(rounds + 1):
        for name, run in runners.items():
            start_s, start_cpu_s = perf_counter(), cpu_seconds()
            done = run(iterations if number else 2)
            if number:
                turns[name].append((done / (perf_counter() - start_s), done / (cpu_seconds() - start_cpu_s)))
        sys.stderr.write(f"round {number} of {rounds}\n")
    return turns


def ratio(turns: dict[str, list[tuple[float, float]]], column: int) -> str:
    loops, steps = ([turn[column] for turn in turns[name]] for name in ("loop", "step"))
    ratios = [ours / theirs for ours, theirs in zip(loops, steps, strict=True)]
    return (
        f"median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f} (n = {len(ratios)}); "
        f"{statistics.median(loops):.2f} against {statistics.median(steps):.2f} iterations"
    )


def test_speed(spec: DetectionSpec, loaded: DetectionData, environment: Environment, count: int) -> str:
    training = begin(spec, len(loaded.classes), loaded.hash, environment.device)
    images = loaded.splits.test[:count]
    start_s, start_cpu_s = perf_counter(), cpu_seconds()
    detect(training.network, spec, loaded, images, Stop())
    wall_s, cpu_s = perf_counter() - start_s, cpu_seconds() - start_cpu_s
    return f"{len(images) / wall_s:.2f} images/s, {len(images) / cpu_s:.2f} a second of CPU time (n = {len(images)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="a data set in VOC's or COCO's layout")
    parser.add_argument("--network", default="resnet18", help="(default: %(default)s)")
    parser.add_argument("--side", type=int, default=160, help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=8, help="number of turns (default: %(default)s)")
    parser.add_argument("--iterations", type=int, default=5, help="mini-batches per turn (default: %(default)s)")
    parser.add_argument("--images", type=int, default=20, help="test images (default: %(default)s)")
    parser.add_argument("--loaders", type=int, default=1, help="processes that decode (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="(default: %(default)s)")
    options = parser.parse_args()
    spec, target = specification(options.network, options.side), device.choose("auto")
    device.prepare(spec, options.threads)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder, closing(Loaders(options.loaders)) as loaders:
        loaded = data.load(spec, options.folder, Path(folder), target, loaders)
        environment = Environment(Path(folder), target, Stop())
        runners = {name: make(spec, loaded, environment) for name, make in (("loop", whole_loop), ("step", bare_step))}
        turns = in_turns(runners, options.rounds, options.iterations)
        print("| measured | result |\n|---|---|")
        for name, column in (("by the clock", 0), ("by CPU time", 1)):
            print(f"| the loop against the bare step, {name} | {ratio(turns, column)} |")
        print(f"| a test | {test_speed(spec, loaded, environment, options.images)} |")


if __name__ == "__main__":
    main()
