"""Runs of the ImageNet family on a data set of photographs: events, files, stopping and resuming."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
import safetensors
import torch
import torchvision

from tests.trainer.conftest import events_of
from tests.trainer.test_command import run_on
from trainer.data import library
from trainer.data.loaders import Loaders
from trainer.events import EXIT_FAILED, EXIT_STOPPED, Evaluated, Event, Saved, Started, Steps, Stopped
from trainer.files import weights
from trainer.loop import Environment, train
from trainer.process.supervision import Stop
from trainer.spec import RunSpec

CPU = torch.device("cpu")
Run = Callable[..., Iterator[Event]]
pytestmark = pytest.mark.usefixtures("warm")


def photo_spec(**fields: Any) -> RunSpec:  # Any: a spec's fields
    fields_of_18 = {"depth": 18, "shortcut": "B", "dataset": "pictures", "family": "imagenet", "batch_size": 2}
    return RunSpec.model_validate(fields_of_18 | {"iterations": 4, "lr": 0.01, "train_images": 20} | fields)


@pytest.fixture
def run(photographs: Path, tmp_path: Path) -> Iterator[Run]:
    with closing(Loaders(1)) as loaders:

        def events(spec: RunSpec, workdir: Path, stop: Stop | None = None) -> Iterator[Event]:
            workdir.mkdir(exist_ok=True)
            data = library.prepare(spec, tmp_path / "data", photographs, CPU, loaders)
            return train(spec, data, Environment(workdir, CPU, stop or Stop()))

        yield events


def losses(events: list[Event]) -> list[float]:
    return [loss for event in events if isinstance(event, Steps) for loss in event.loss]


def test_a_stopped_run_resumes_to_the_same_weights(run: Run, tmp_path: Path) -> None:
    whole = list(run(photo_spec(), tmp_path / "whole"))
    started = whole[0]
    assert isinstance(started, Started)
    assert (started.train_images, started.val_images, started.test_images) == (20, 4, 8)
    evaluations = [(event.split, event.images) for event in whole if isinstance(event, Evaluated)]
    assert evaluations == [("val", 4), ("test", 8)]
    assert all(0 <= event.waiting <= 1 for event in whole if isinstance(event, Steps))

    stop, before = Stop(), list[Event]()
    for event in run(photo_spec(), tmp_path / "parts", stop):
        before.append(event)
        stop.is_requested = stop.is_requested or isinstance(event, Steps)
    assert isinstance(before[-1], Stopped)
    after = list(run(photo_spec(), tmp_path / "parts"))
    assert losses(before) + losses(after) == losses(whole)
    ends = [[e.sha256 for e in events if isinstance(e, Saved) and e.iteration == 4] for events in (whole, after)]
    assert ends[0] == ends[1] != []


def test_weights_name_their_variant_and_load_into_torchvision(run: Run, tmp_path: Path) -> None:
    list(run(photo_spec(iterations=1), tmp_path / "work"))
    path = tmp_path / "work" / "weights-1.safetensors"
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    variant = {"family": "imagenet", "depth": "18", "shortcut": "B", "stride_in_1x1": "true"}
    assert variant.items() <= metadata.items()
    assert metadata["input"] == "float32 (N, 3, 224, 224) in 0-255, RGB, minus input_mean"
    assert weights.mean_of(metadata).shape == (3, 224, 224)
    network = torchvision.models.resnet18(num_classes=len(json.loads(metadata["classes"])))
    network.load_state_dict(safetensors.torch.load_file(path), strict=True)


def test_loaders_die_with_a_killed_trainer_and_leave_a_stop_to_it(
    start: Callable[..., subprocess.Popen[str]], photographs: Path, tmp_path: Path
) -> None:
    options = ("--folder", str(photographs), "--loaders", "1")
    spec = photo_spec(iterations=1000)
    killed = start(spec, tmp_path / "work", *options)
    run_on(killed, "steps")
    children = psutil.Process(killed.pid).children(recursive=True)
    assert children
    killed.kill()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []

    stopped = start(spec, tmp_path / "work", *options)
    run_on(stopped, "steps")
    # To every process of the group, as a terminal does.
    for process in [*psutil.Process(stopped.pid).children(recursive=True), psutil.Process(stopped.pid)]:
        process.send_signal(signal.SIGTERM)
    events = events_of(stopped)
    assert stopped.returncode == EXIT_STOPPED
    assert events[-1]["kind"] == "stopped"


def test_a_photograph_that_cannot_be_decoded_fails_as_data_and_is_named(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    for name in ("train/a/1.png", "train/b/1.png", "val/a/1.png", "val/b/1.png"):
        (tmp_path / "mine" / name).parent.mkdir(parents=True)
        (tmp_path / "mine" / name).write_text("not an image")
    options = ("--folder", str(tmp_path / "mine"), "--loaders", "1")
    process = start(photo_spec(train_images=None), tmp_path / "work", *options)
    (event,) = events_of(process)
    assert process.returncode == EXIT_FAILED
    assert event["reason"] == "data"
    assert "train/a/1.png" in event["message"]
