"""Measures how far a replay's losses drift from the certified ones on another kind of device.

`python -m benchmarks.audits` trains a network on one thread, then repeats the 30 iterations after each checkpoint on
two threads, and with older CPU instructions (no AVX), as another machine would. It prints the loss's largest relative
difference by the number of iterations since the checkpoint, of the loss or of 0.1 if the loss is smaller, as
`studies/certificate/replay.py` counts it, which states the tolerance.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from studies.certificate.replay import HORIZON, SMALL_LOSS
from trainer import events
from trainer.events import Steps
from trainer.spec import RunSpec
from trainer.workdir import checkpoint_path

STRETCH: Final = 30
SHOWN: Final = (1, 2, 3, 5, 8, 10, 15, 20, 30)
OLD_CPU: Final = {"ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"}
# The other device's name, its threads and its environment.
ELSEWHERE: Final[Sequence[tuple[str, int, Mapping[str, str]]]] = (
    ("two threads", 2, {}),
    ("no AVX", 1, OLD_CPU),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depths", type=int, nargs="+", default=[8, 20])
    parser.add_argument("--shortcut", choices=("none", "A", "B", "C"), default="A")
    parser.add_argument("--iterations", type=int, default=240)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--stretch", type=int, default=STRETCH, help="Iterations that are repeated.")
    parser.add_argument("--elsewhere", choices=[name for name, _, _ in ELSEWHERE], help="Only this other device.")
    options = parser.parse_args()
    for depth in options.depths:
        _measure(depth, options)


def _measure(depth: int, options: argparse.Namespace) -> None:
    every = options.iterations // 4
    fields = {
        "dataset": options.dataset, "depth": depth, "shortcut": options.shortcut, "iterations": options.iterations,
        "batch_size": options.batch_size, "checkpoint_every": every, "evaluate_every": options.iterations,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        spec = Path(scratch) / "spec.json"
        spec.write_text(json.dumps(fields))
        certified: dict[int, float] = {}
        starts = [iteration * every for iteration in range(4)]
        files = Path(scratch) / "checkpoints"
        for start in starts:  # a stretch at a time, because a trainer by itself keeps its last two checkpoints only
            certified |= _train(spec, files, start + every)
            shutil.copytree(files, Path(scratch) / f"from-{start + every}")
        for name, threads, variables in ELSEWHERE:
            if options.elsewhere not in (None, name):
                continue
            drifts: dict[int, float] = {}
            for start in starts:
                folder = Path(scratch) / f"{name}-{start}"
                folder.mkdir()
                if start:
                    shutil.copy(checkpoint_path(Path(scratch) / f"from-{start}", start), folder)
                replay = _train(spec, folder, start + options.stretch, threads, variables)
                for iteration, loss in replay.items():
                    drift = abs(loss - certified[iteration]) / max(certified[iteration], SMALL_LOSS)
                    drifts[iteration - start] = max(drifts.get(iteration - start, 0.0), drift)
            print(f"| {RunSpec(**fields).name}, batch {options.batch_size}, {name} | {_row(drifts)} |", flush=True)


def _row(drifts: Mapping[int, float]) -> str:
    """The differences after the shown iterations, then the largest within the horizon."""
    worst = max(drift for number, drift in drifts.items() if number <= HORIZON)
    return " | ".join(f"{drift:.1e}" for drift in (*(drifts[number] for number in SHOWN if number in drifts), worst))


def _train(
    spec: Path, folder: Path, until: int, threads: int = 1, variables: Mapping[str, str] | None = None
) -> dict[int, float]:
    """The losses by iteration of training to `until`."""
    command = [sys.executable, "-P", "-m", "trainer", "run", "--spec", str(spec), "--workdir", str(folder)]
    options = ["--until", str(until), "--threads", str(threads), "--device", "cpu"]
    done = subprocess.run([*command, *options], env=os.environ | (variables or {}), stdout=subprocess.PIPE, check=False)
    losses: dict[int, float] = {}
    for event in map(events.parse, done.stdout.splitlines()):
        if isinstance(event, Steps):
            losses |= {event.first + index * event.every: loss for index, loss in enumerate(event.loss)}
    return losses


if __name__ == "__main__":
    main()
