"""A replay audit of a real run: bit for bit the same in a fresh process, and different after one changed batch."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest

from studies.certificate import bundle, checking, curve, key
from tests.studies.test_certificates import sign_again
from tests.warm import WARM_CHILDREN
from tests.worker.conftest import NewBench, claim, new_bench
from worker.supervise import supervise
from worker.workbench import TRAINER

__all__ = ["new_bench"]
Certify = Callable[..., Path]
# 16 iterations, with checkpoints and evaluations every 2.
STUDY = {"recipe": "figure-1", "networks": ["plain-20"], "scale": 0.00025, "dataset": "synthetic"}

# A trainer that gets one batch wrong: at iteration 9 it sees the images of iteration 8 again.
CHANGED_BATCH = """
import sys
from trainer import __main__
from trainer.data.batches import Batches
right = Batches.numbers
Batches.numbers = lambda batches, iteration: right(batches, 8 if iteration == 9 else iteration)
sys.exit(__main__.main())
"""


@pytest.fixture
def certify(client: httpx.Client, new_bench: NewBench, tmp_path: Path) -> Certify:
    return partial(_certify, client, new_bench, tmp_path)


def _certify(client: httpx.Client, new_bench: NewBench, folder: Path, trainer: tuple[str, ...] = TRAINER) -> Path:
    """The certificate of a study whose run a real trainer trained."""
    study = client.post("/api/v1/studies", json=STUDY).json()["id"]
    workbench = replace(new_bench(), trainer=trainer, threads=1)
    supervise(workbench, claim(workbench))
    answer = client.get(f"/api/v1/studies/{study}/certificate", params={"checkpoints": True})
    assert answer.status_code == 200, answer.text
    file = folder / "certificate.zip"
    file.write_bytes(answer.content)
    return file


def audit(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "reslab.command", "audit", str(file), *options]
    environment = os.environ | {WARM_CHILDREN: "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=file.parent, env=environment, check=False)


@pytest.mark.usefixtures("warm")
def test_a_real_run_comes_out_the_same_and_one_changed_loss_does_not(certify: Certify, tmp_path: Path) -> None:
    file = certify()
    (member,) = checking.check(file).contents.members
    assert member.run is not None
    assert [checkpoint.iteration for checkpoint in member.run.checkpoints] == list(range(2, 17, 2))
    assert "16 iterations; from 0, 4, 8, 12, 14" in audit(file).stdout

    good = audit(file, "--run", "1", "--from", "8", "--iterations", "3")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "training iterations 9 to 11 again" in good.stdout
    assert good.stdout.splitlines()[-1] == (
        "identical: 3 losses bit for bit; the test error of iteration 10; the weights and momentum of iteration 10."
    )
    drawn = audit(file, "--seed", "1", "--iterations", "1")
    assert "spot check with --seed 1" in drawn.stdout
    assert "identical: " in drawn.stdout

    # One batch whose loss was another. Its signer has the key, and no verdict rests on it: only the audit finds it.
    alter_a_loss(file, 9, key_file=tmp_path / "signing.key")
    checking.check(file)
    bad = audit(file, "--run", "1", "--from", "8", "--iterations", "1")
    assert bad.returncode == 1
    assert "DIFFERS: iteration 9 has the loss " in bad.stdout


@pytest.mark.long
@pytest.mark.usefixtures("cold")
def test_one_changed_batch_is_found(certify: Certify, tmp_path: Path) -> None:
    """Here the trainer and the command start as their users start them."""
    script = tmp_path / "changed_batch.py"
    script.write_text(CHANGED_BATCH)
    file = certify((sys.executable, str(script)))
    around, after = (audit(file, "--run", "1", "--from", start, "--iterations", "2") for start in ("8", "12"))
    assert around.returncode == 1
    assert "DIFFERS: iteration 9 has the loss " in around.stdout
    assert "the weights and momentum of iteration 10 are not the certified ones" in around.stdout
    # What follows is right again, but for its wrong start: an audit proves only the part that it trains.
    assert after.stdout.splitlines()[-1].startswith("identical: 2 losses")
    assert audit(file, "--run", "2").returncode == 2


def alter_a_loss(file: Path, iteration: int, key_file: Path) -> None:
    entries = {name: bundle.content(file, name) for name in bundle.read(file)}
    name = next(name for name in entries if name.startswith("curves/"))
    start = entries[name].index(b"\n") + 1
    points = np.frombuffer(entries[name], curve.POINT, offset=start).copy()
    points["loss"][points["iteration"] == iteration] *= 1.001
    entries[name] = entries[name][:start] + points.tobytes()
    sign_again(file, entries, key.private(key_file))
