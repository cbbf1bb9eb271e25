"""The commands on finished weights as a supervised job: events on stdout, and the report in a file."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests.trainer.conftest import CPU, events_of, small_spec
from trainer.data import synthetic
from trainer.data.images import arrange
from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED
from trainer.loop import Environment, train
from trainer.process.supervision import Stop

Job = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("trained")
    spec = small_spec(iterations=3)
    list(train(spec, arrange(synthetic.load(), None, 0, CPU), Environment(folder, CPU, Stop())))
    return folder / "weights-3.safetensors"


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """Start a command on weights as a worker does; processes still running at the end of the test are killed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(*arguments: object) -> subprocess.Popen[str]:
        options = ("--workdir", tmp_path, "--supervised", os.getpid(), "--device", "cpu", "--threads", 1)
        command = [sys.executable, "-m", "trainer", *map(str, [*arguments, *options])]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def test_an_evaluation_reports_its_errors_and_writes_a_report(job: Job, weights: Path, tmp_path: Path) -> None:
    process = job("evaluate", "--weights", weights)
    evaluated, *files, finished = events_of(process)
    saved = files[-1]  # after the picture of images that it got wrong
    assert process.returncode == EXIT_FINISHED
    content = (tmp_path / "report.json").read_bytes()
    report = json.loads(content)
    assert (evaluated["kind"], evaluated["split"], evaluated["iteration"]) == ("evaluated", "test", 3)
    assert {name: evaluated[name] for name in ("error", "top5_error", "loss", "images")} == {
        name: report[name] for name in ("error", "top5_error", "loss", "images")
    }
    assert (saved["role"], saved["format"], saved["file"]) == ("report", "json", "report.json")
    assert (saved["sha256"], saved["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (finished["kind"], finished["iteration"]) == ("finished", 3)


def test_a_failure_is_the_last_event(job: Job, tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_text("not weights")
    process = job("responses", "--weights", tmp_path / "weights.safetensors")
    (failed,) = events_of(process)
    assert process.returncode == EXIT_FAILED
    assert (failed["kind"], failed["reason"]) == ("failed", "invalid")
    assert "is cut short, or was not written by Reslab" in failed["message"]
    assert not (tmp_path / "report.json").exists()


def test_sigterm_ends_it_with_its_own_code(job: Job, weights: Path, tmp_path: Path) -> None:
    """The weights are a pipe that nobody writes to, so the job runs as long as the test needs."""
    os.mkfifo(tmp_path / "pipe")
    process = job("evaluate", "--weights", tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)  # waits until the job has opened it
    process.send_signal(signal.SIGTERM)
    (stopped,) = events_of(process)
    os.close(writer)
    assert process.returncode == EXIT_STOPPED
    assert (stopped["kind"], stopped["iteration"]) == ("stopped", 0)
