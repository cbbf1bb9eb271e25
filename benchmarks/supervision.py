"""The cost of supervision: the speed of a trainer while its supervisor is awake and while it is stopped, in turn.

`make bench-supervision` on an idle machine. The trainer uses every core, so its supervisor, the database and the API
take time from it. In every second window the worker is stopped (SIGSTOP), so none of them has work; the trainer's
events wait in the pipe and show later how fast it was. A window is far shorter than a lease. Prints a line for
docs/experiments.md.
"""

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks.first_run import Stack, cpu, wait
from reslab.client import Client

ROUNDS = 10
WINDOW_S = 15.0
# A chunk lasts about a second, and its end is known to about a second.
BORDER_S = 2.0
LONG = {
    "depth": 20, "shortcut": "A", "dataset": "synthetic", "iterations": 1_000_000,
    "evaluate_every": 1_000_000, "checkpoint_every": 1_000_000,
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """A window of time (seconds since the epoch), and the CPU seconds used in it."""

    supervised: bool
    start: float
    end: float
    worker_s: float
    trainer_s: float


@dataclass(frozen=True)
class Chunk:
    """A chunk of the training curve, with its start and end."""

    start: float
    end: float
    points: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of windows (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reslab-bench-") as folder:
        stack = Stack(Path(folder) / "home")
        with stack.up(), stack.client() as client:
            run_id = client.submit(LONG).id
            wait(lambda: client.run(run_id).iteration >= 20, 0.5)
            windows = list(measure_windows(stack, options.rounds))
            client.cancel(run_id)  # so that its event stream ends
            chunks = list(read_chunks(client, run_id))
    print(summary(windows, chunks))


def measure_windows(stack: Stack, rounds: int) -> Iterator[Window]:
    """Pairs of windows in alternating order, so that a machine that slows down favours neither."""
    worker = next(process for process in stack.processes() if "worker run" in " ".join(process.cmdline()))
    (trainer,) = worker.children()
    for number in range(rounds):
        for supervised in (True, False) if number % 2 else (False, True):
            with stopped(worker, not supervised):
                start, before = time.time(), (cpu(worker), cpu(trainer))
                time.sleep(WINDOW_S)
                spent = (cpu(worker) - before[0], cpu(trainer) - before[1])
                yield Window(supervised, start, time.time(), *spent)


@contextmanager
def stopped(worker: psutil.Process, stops: bool) -> Iterator[None]:
    if stops:
        os.kill(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker.pid, signal.SIGCONT)


def read_chunks(client: Client, run_id: str) -> Iterator[Chunk]:
    """The chunks of the training curve. Each begins where the last one ended; prompt events fix their start."""
    # Without the first one, whose start is unknown.
    steps = [event for event in client.events(run_id) if event.kind == "steps"][1:]
    lengths = [event.body["count"] * 128 / event.body["images_per_s"] for event in steps]
    ends = [sum(lengths[: number + 1]) for number in range(len(steps))]
    written = [event.at.timestamp() for event in steps]
    # Events that waited in the pipe were written late, never early.
    began = min(at - end for at, end in zip(written, ends, strict=True))
    for event, end, length in zip(steps, ends, lengths, strict=True):
        yield Chunk(began + end - length, began + end, event.body["count"])


def rate(window: Window, chunks: list[Chunk]) -> float:
    """Iterations per second in the chunks well within the window."""
    first, last = window.start + BORDER_S, window.end - BORDER_S
    inside = [chunk for chunk in chunks if first < chunk.start and chunk.end < last]
    return sum(chunk.points for chunk in inside) / sum(chunk.end - chunk.start for chunk in inside)


def summary(windows: list[Window], chunks: list[Chunk]) -> str:
    ratios = []
    for pair in zip(windows[::2], windows[1::2], strict=True):
        awake, alone = sorted(pair, key=lambda window: not window.supervised)
        ratios.append(rate(awake, chunks) / rate(alone, chunks))
    awake = [window for window in windows if window.supervised]
    share = sum(window.worker_s for window in awake) / sum(window.trainer_s for window in awake)
    return (
        f"with its supervisor the trainer does {median(ratios):.4f} of the iterations per second "
        f"({min(ratios):.4f} to {max(ratios):.4f}, n = {len(ratios)} pairs of {WINDOW_S:.0f} s); "
        f"the worker's CPU time: {100 * share:.2f} % of the trainer's"
    )


if __name__ == "__main__":
    main()
