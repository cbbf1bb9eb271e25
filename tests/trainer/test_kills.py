"""SIGKILL at any moment, several times: the run ends as if nothing had happened.

RESLAB_KILLS=20 kills more often than the everyday tests do.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import events_of, small_spec
from tests.trainer.test_command import points, run_on

Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm")
KILLS = int(os.environ.get("RESLAB_KILLS", "2"))
# Validation chooses a best, the warm-up ends by the training error, projections are trained: all of these are state.
SPEC = small_spec(
    iterations=25 * KILLS,
    train_images=190,  # an epoch ends before each kill, so that another order of its images would be noticed
    checkpoint_every=7,
    evaluate_every=25,
    shortcut="B",
    warmup={"until_train_error": 70.0},
)
FINAL = f"weights-{SPEC.iterations}.safetensors"

# The trainer with one fault: its checkpoints lack the momentum.
FORGETFUL = """
import sys
from trainer.files import checkpoint
from trainer.__main__ import main
whole = checkpoint._tensors
checkpoint._tensors = lambda training: {n: t for n, t in whole(training).items() if not n.startswith("momentum.")}
sys.exit(main(sys.argv[1:]))
"""


def kill_and_finish(
    start: Start, folder: Path, kills: int, program: tuple[str, ...] = ("-m", "trainer")
) -> tuple[dict[int, float], bytes]:
    """The final curve and weights of a run that was killed `kills` times."""
    chance = random.Random(20151210)  # noqa: S311 -- repeatable, not secret
    curve: dict[int, float] = {}
    for _ in range(kills):
        process = start(SPEC, folder, program=program)
        events = run_on(process, "saved", times=chance.randrange(2, 5))
        # A random moment later.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        curve = _continue(
            curve, events + [json.loads(line) for line in out.splitlines(keepends=True) if line[-1] == "\n"]
        )
    last = events_of(start(SPEC, folder, program=program))
    assert last[-1]["kind"] == "finished"
    return _continue(curve, last), (folder / FINAL).read_bytes()


def _continue(curve: dict[int, float], events: list[dict[str, Any]]) -> dict[int, float]:
    """Points after the checkpoint from which the new process starts are superseded."""
    return {i: loss for i, loss in curve.items() if i <= events[0]["resumed_from"]} | points(events)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[int, float], bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "spec.json").write_text(SPEC.canonical_json())
    command: list[str | Path] = [sys.executable, "-m", "trainer", "run", "--spec", folder / "spec.json"]
    command += ["--workdir", folder, "--device", "cpu", "--threads", "1"]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280).stdout
    return points([json.loads(line) for line in out.splitlines()]), (folder / FINAL).read_bytes()


@pytest.mark.timeout(120 * (KILLS + 1))
def test_killed_at_any_moment_and_started_again_a_run_ends_with_the_same_weights_and_curve(
    undisturbed: tuple[dict[int, float], bytes], start: Start, tmp_path: Path
) -> None:
    assert kill_and_finish(start, tmp_path / "killed", KILLS) == undisturbed


def test_a_checkpoint_without_momentum_would_be_noticed(
    undisturbed: tuple[dict[int, float], bytes], start: Start, tmp_path: Path
) -> None:
    curve, weights = kill_and_finish(start, tmp_path / "killed", 1, program=("-c", FORGETFUL))
    assert curve != undisturbed[0]
    assert weights != undisturbed[1]
