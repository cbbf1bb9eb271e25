"""What a save costs training: written in the training thread, as until commit 99cba20, and in a thread of its own.

Run `python -m benchmarks.saves`. For each network, iterations without a save, with one in the training thread and with
one in the writer's thread take turns, so that a busy machine slows all of them equally. Prints a Markdown table.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time

import torch
from torch import Tensor

from trainer.data.images import Data
from trainer.events import Saved
from trainer.files import checkpoint, weights
from trainer.files.draft import Draft, copies
from trainer.files.writer import Writer
from trainer.plan import plan
from trainer.process import device
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
from trainer.training import Training, begin, step
from trainer.workdir import checkpoint_path, weights_path


@dataclass(frozen=True)
class Case:
    """A network in training, with one mini-batch that it sees again and again."""

    training: Training
    data: Data
    inputs: Tensor
    labels: Tensor
    folder: Path

    def train(self, iterations: int) -> None:
        for _ in range(iterations):
            loss, _ = step(self.training, self.inputs, self.labels, 0.01)
        loss.item()

    def drafts(self) -> list[Draft]:
        return [weights.draft(self.training, self.data), checkpoint.draft(self.training)]

    def files(self, drafts: list[Draft]) -> list[Callable[[], Saved]]:
        paths = (weights_path(self.folder, 0, ".safetensors"), checkpoint_path(self.folder, 0))
        return [partial(draft.write, path) for draft, path in zip(drafts, paths, strict=True)]


def prepare(spec: RunSpec, batch_size: int, target: torch.device, folder: Path) -> Case:
    classes = plan(spec).classes
    side = 32 if spec.family == "cifar" else 224
    images = torch.randn(batch_size, 3, side, side, device=target)
    labels = torch.randint(0, classes, (batch_size,), device=target)
    none = torch.empty(0)
    # Only the classes and the mean are saved.
    data = Data(none, None, none, tuple(map(str, range(classes))), torch.zeros(3, side, side), "", ())  # type: ignore[arg-type]
    return Case(begin(spec, classes, "", target), data, images, labels, folder)


def measure(case: Case, iterations: int) -> dict[str, float]:
    """One round, seconds by name: for `iterations` without and with a save, and for the parts of a save."""
    times = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        start_s = perf_counter()
        work()
        times[name] = perf_counter() - start_s

    writer = Writer(Stop())

    def save_in_line() -> None:
        for write in case.files(case.drafts()):
            write()
        case.train(iterations)

    def save_in_thread() -> None:
        start_s = perf_counter()
        writer.start(case.files(copies(case.drafts())))
        times["copy"] = perf_counter() - start_s
        for _ in range(iterations):
            case.train(1)
            list(writer.announce(wait=False))

    timed("without", lambda: case.train(iterations))
    timed("in line", save_in_line)
    timed("in a thread", save_in_thread)
    timed("rest", lambda: list(writer.announce(wait=True)))
    cpu_s = thread_time()
    for write in case.files(copies(case.drafts())):
        write()
    times["cpu"] = thread_time() - cpu_s
    writer.close()
    return times


def row(name: str, rounds: list[dict[str, float]]) -> str:
    def median(values: list[float]) -> str:
        return f"{1000 * statistics.median(values):,.0f} ({1000 * min(values):,.0f} to {1000 * max(values):,.0f})"

    columns = [
        median([each["in line"] - each["without"] for each in rounds]),
        median([each["in a thread"] - each["without"] for each in rounds]),
        median([each["copy"] for each in rounds]),
        median([each["cpu"] for each in rounds]),
        median([each["rest"] for each in rounds]),
    ]
    return f"| {name} | {' | '.join(columns)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="(default: %(default)s)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--threads", type=int, help="CPU threads (default: all cores of this process)")
    options = parser.parse_args()
    target = device.choose(options.device)
    networks = [
        (RunSpec(depth=110, shortcut="A", dataset="cifar10"), 8, 4),
        (RunSpec(depth=50, shortcut="B", dataset="imagenet"), 2, 2),
    ]
    device.prepare(networks[0][0], options.threads)
    print(f"{device.name(target)}, {torch.get_num_threads()} threads, n = {options.rounds}; ms, lowest to highest\n")
    print("| network, batch, iterations | in line | in a thread | its copy | CPU time | still to write |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="reslab-saves-", dir=".") as folder:
        for spec, batch_size, iterations in networks:
            case = prepare(spec, batch_size, target, Path(folder))
            case.train(1)
            rounds = [measure(case, iterations) for _ in range(options.rounds)]
            print(row(f"{spec.name}, {batch_size}, {iterations}", rounds), flush=True)


if __name__ == "__main__":
    main()
