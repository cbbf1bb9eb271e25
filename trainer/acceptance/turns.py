"""Owns the comparison of speeds: candidates take turns, so that a busy machine slows all of them equally."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import psutil
import torch

from trainer.data.batches import Batches
from trainer.data.images import Data, DecodedDataSet, Images, arrange
from trainer.environment import Environment
from trainer.events import DetectionSteps, Event, Steps
from trainer.loop import train
from trainer.spec import RunSpec
from trainer.training import begin, step

# Runs this many iterations, or a few more, and returns their number.
Runner = Callable[[int], int]


@dataclass(frozen=True)
class Turn:
    """Images per second, and per second of all processes' CPU time, which a busy machine disturbs less."""

    images_per_s: float
    images_per_cpu_s: float


@dataclass(frozen=True)
class Ratio:
    """How many times as fast one runner is as another: the median of the turns, with the lowest and the highest."""

    median: float
    lowest: float
    highest: float
    turns: int
    ours: float
    theirs: float

    def __str__(self) -> str:
        return (
            f"median {self.median:.3f}, {self.lowest:.3f} to {self.highest:.3f} (n = {self.turns}); "
            f"{self.ours:.0f} against {self.theirs:.0f}"
        )


def in_turns(runners: Mapping[str, Runner], batch_size: int, rounds: int, iterations: int) -> dict[str, list[Turn]]:
    """Each runner's turns, round by round. The first round warms up and does not count."""
    turns: dict[str, list[Turn]] = {runner: [] for runner in runners}
    for number in range(rounds + 1):
        for runner, run in runners.items():
            start_s, start_cpu_s = perf_counter(), cpu_seconds()
            images = batch_size * run(iterations if number else 2)
            turn = Turn(images / (perf_counter() - start_s), images / max(cpu_seconds() - start_cpu_s, 1e-9))
            if number:
                turns[runner].append(turn)
    return turns


def compare(ours: list[Turn], theirs: list[Turn], *, by_cpu_time: bool = False) -> Ratio:
    """The ratio of two runners' turns, by the clock unless `by_cpu_time`."""
    field = "images_per_cpu_s" if by_cpu_time else "images_per_s"
    rates = [[getattr(turn, field) for turn in turns] for turns in (ours, theirs)]
    ratios = [a / b for a, b in zip(*rates, strict=True)]
    medians = [statistics.median(values) for values in rates]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), len(ratios), *medians)


def cpu_seconds() -> float:
    """The CPU time of this process and all its children."""
    parent = psutil.Process()
    times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def whole_loop(spec: RunSpec, data: Data, environment: Environment) -> Runner:
    """`python -m trainer run` without the process around it: data, augmentation, metrics, events as JSON."""
    return runner(train(spec, data, environment))


def runner(events: Iterator[Event]) -> Runner:
    """Each call trains some more of a run's iterations, and writes its events as a trainer does."""

    def run(iterations: int) -> int:
        done = 0
        while done < iterations:
            event = next(events)
            event.model_dump_json()
            done += len(event.loss) if isinstance(event, Steps | DetectionSteps) else 0
        return done

    return run


def bare_step(spec: RunSpec, data: Data, device: torch.device) -> Runner:
    """The same step on one prepared mini-batch, and nothing else."""
    training = begin(spec, len(data.classes), data.hash, device)
    inputs, labels = Batches(spec, data).at(1)

    def run(iterations: int) -> int:
        for _ in range(iterations):
            loss, _ = step(training, inputs, labels, 0.1)
        loss.item()
        return iterations

    return run


@contextmanager
def usual_script(batch_size: int, device: torch.device, loaders: int) -> Iterator[Runner]:
    """The kind of script found on the web, in a process of its own: trainer/acceptance/usual_script.py."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "trainer.acceptance.usual_script",
        str(batch_size),
        str(loaders),
        device.type,
    ]
    threads = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())} | our_path()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=threads
    ) as process:
        requests, answers = process.stdin, process.stdout
        assert requests and answers  # noqa: PT018, S101 (PIPE above; Popen's type cannot say so)

        def run(iterations: int) -> int:
            requests.write(f"{iterations}\n")
            return int(answers.readline())

        yield run


def our_path() -> dict[str, str]:
    """The variable with which another Python finds what this one finds."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def noise(images: int, device: torch.device) -> Data:
    """Noise in CIFAR-10's shape: speed does not depend on the images' content."""
    chance = np.random.default_rng(2015)
    pixels = torch.from_numpy(chance.integers(0, 256, (images, 3, 32, 32), dtype=np.uint8))
    train_images = Images(pixels, torch.from_numpy(chance.integers(0, 10, images)))
    decoded = DecodedDataSet(train_images, train_images.pick(torch.arange(500)), tuple(map(str, range(10))))
    return arrange(decoded, None, 0, device)
