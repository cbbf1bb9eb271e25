"""What the trainer's tests share: small specifications, a run in this process, a run in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from trainer.data import synthetic
from trainer.data.images import Data, arrange
from trainer.events import Event
from trainer.loop import Environment, train
from trainer.process.supervision import Stop
from trainer.spec import RunSpec

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Tests share the machine, and results depend on the number of threads."""
    torch.set_num_threads(1)


def small_spec(**fields: Any) -> RunSpec:
    """ResNet-8 A on `synthetic`, a few iterations: a second of work."""
    defaults = {"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 12, "batch_size": 16}
    return RunSpec.model_validate(defaults | fields)


@pytest.fixture
def spec() -> Callable[..., RunSpec]:
    return small_spec


@pytest.fixture(scope="session")
def small_data() -> Callable[[RunSpec], Data]:
    """`synthetic` with 64 test images, as the specification splits it."""
    decoded = synthetic.load()
    short = type(decoded)(decoded.train, decoded.test.pick(torch.arange(64)), decoded.classes)
    return lambda spec: arrange(short, spec.train_images, spec.seed, CPU)


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ImageNet's layout in small: 2 classes, 24 training and 8 validation JPEGs of several sizes. Read-only."""
    root = tmp_path_factory.mktemp("photographs")
    chance = np.random.default_rng(2015)
    for split, count in (("train", 12), ("val", 4)):
        for label, name in enumerate(("n01", "n02")):
            (root / split / name).mkdir(parents=True)
            for number in range(count):
                coarse = chance.integers(120 * label, 120 * label + 136, (4, 5, 3), dtype=np.uint8)
                size = (int(chance.integers(40, 100)), int(chance.integers(40, 100)))
                picture = Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR)
                picture.save(root / split / name / f"{number}.JPEG", quality=90)
    return root


@pytest.fixture
def run_here(small_data: Callable[[RunSpec], Data], tmp_path: Path) -> Callable[..., Iterator[Event]]:
    """Train in this process; the events as they come."""

    def run(spec: RunSpec, stop: Stop | None = None, workdir: Path = tmp_path) -> Iterator[Event]:
        return train(spec, small_data(spec), Environment(workdir, CPU, stop or Stop()))

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `python -m trainer run` on a specification; processes still running at the end of the test are killed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(
        spec: RunSpec | str, workdir: Path, *options: str, program: tuple[str, ...] = ("-m", "trainer")
    ) -> subprocess.Popen[str]:
        path = tmp_path / f"spec-{len(processes)}.json"
        path.write_text(spec if isinstance(spec, str) else spec.canonical_json())
        command: list[str | Path] = [
            sys.executable,
            *program,
            "run",
            "--spec",
            path,
            "--workdir",
            workdir,
            "--data",
            tmp_path,
        ]
        command += ["--device", "cpu", "--threads", "1", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def events_of(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Every event of a process that runs to its end. A line that isn't a JSON object fails the test."""
    out, _ = process.communicate(timeout=200)
    return [json.loads(line) for line in out.splitlines()]
