"""Owns the comparison of a run that is killed with one that is not: `python -m trainer run`, in its own process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.acceptance.conditions import Conditions
from trainer.acceptance.report import Measurement
from trainer.acceptance.turns import our_path
from trainer.spec import RunSpec
from trainer.workdir import weights_path

TOPIC = "resume"
KILLS, SHORT_KILLS = 3, 1
CHECKPOINT_EVERY = 7


def measure(conditions: Conditions) -> Iterator[Measurement]:
    kills = SHORT_KILLS if conditions.is_short else KILLS
    spec = RunSpec(
        depth=8,
        shortcut="B",
        dataset="synthetic",
        batch_size=16,
        train_images=190,  # an epoch ends before each kill
        iterations=3 * CHECKPOINT_EVERY * (kills + 1),
        checkpoint_every=CHECKPOINT_EVERY,
    )
    whole, killed = conditions.workdir / "whole", conditions.workdir / "killed"
    losses = _points(_finish(spec, whole, conditions))
    curve: dict[int, float] = {}
    for _ in range(kills):
        curve |= _points(_kill(spec, killed, conditions))
    curve |= _points(_finish(spec, killed, conditions))
    final = [weights_path(folder, spec.iterations, ".safetensors").read_bytes() for folder in (whole, killed)]
    is_equal = final[0] == final[1] and losses == curve
    yield Measurement(
        topic=TOPIC,
        what=f"{spec.name}, killed {kills} × and resumed, against the same run undisturbed",
        measured="the same weights and curve" if is_equal else "other weights or another curve",
        bar="equal, bit for bit",
        verdict="passed" if is_equal else "failed",
        reason=f"SIGKILL soon after a checkpoint; the last weights and all {spec.iterations} losses are compared.",
    )


@contextmanager
def trainer(spec: RunSpec, folder: Path, conditions: Conditions, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A trainer's process, its events on stdout. It does not outlive the block."""
    folder.mkdir(exist_ok=True)
    environment = os.environ | our_path()
    (folder / "spec.json").write_text(spec.canonical_json())
    command = [sys.executable, "-P", "-m", "trainer", "run", "--spec", str(folder / "spec.json")]
    command += ["--workdir", str(folder), "--device", conditions.device.type, "--data", str(folder), *options]
    with (
        (folder / "log").open("a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def events(process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:  # Any: an event's fields
    """The events as they come. A line that a kill cut off is left out."""
    assert process.stdout is not None  # noqa: S101 (PIPE above; Popen's type cannot say so)
    return (json.loads(line) for line in process.stdout if line.endswith("\n"))


def _finish(spec: RunSpec, folder: Path, conditions: Conditions) -> list[dict[str, Any]]:
    with trainer(spec, folder, conditions, "--threads", "1") as process:
        all_events = list(events(process))
    if not all_events or all_events[-1]["kind"] != "finished":
        raise RuntimeError(f"the trainer did not finish: {all_events[-1:] or (folder / 'log').read_text()[-300:]}")
    return all_events


def _kill(spec: RunSpec, folder: Path, conditions: Conditions) -> list[dict[str, Any]]:
    """Kill after the second checkpoint, in the middle of what follows. Returns the events until then."""
    with trainer(spec, folder, conditions, "--threads", "1") as process:
        so_far, checkpoints = [], 0
        for event in events(process):
            so_far.append(event)
            checkpoints += event["kind"] == "saved" and event["role"] == "checkpoint"
            if checkpoints == 2:
                process.kill()
        return so_far


def _points(all_events: list[dict[str, Any]]) -> dict[int, float]:
    """The loss of each iteration."""
    return {
        event["first"] + place * event["every"]: loss
        for event in all_events
        if event["kind"] == "steps"
        for place, loss in enumerate(event["loss"])
    }
