"""Whole detection runs: six pictures are learned, and a run that was killed ends as if it had not been."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.trainer.conftest import CPU, events_of
from tests.trainer.detection.conftest import small_spec
from trainer.detection.data import DetectionData
from trainer.detection.spec import DetectionSpec
from trainer.detection.task import Detection
from trainer.environment import Environment
from trainer.events import (
    EXIT_FAILED,
    EXIT_FINISHED,
    DetectionEvaluated,
    DetectionSteps,
    Event,
    Finished,
    Saved,
    Started,
    Stopped,
    parse,
)
from trainer.loop import run
from trainer.process.supervision import Stop

Load = Callable[[DetectionSpec], DetectionData]
Start = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.usefixtures("warm_detection")


def train(spec: DetectionSpec, load: Load, workdir: Path, stop: Stop | None = None) -> Iterator[Event]:
    workdir.mkdir(exist_ok=True)
    environment = Environment(workdir, CPU, stop or Stop())
    return run(Detection(spec, load(spec), environment), environment)


def curves(events: list[Event]) -> dict[int, tuple[float, ...]]:
    """The values of every iteration."""
    points: dict[int, tuple[float, ...]] = {}
    for steps in (event for event in events if isinstance(event, DetectionSteps)):
        columns = (steps.loss, steps.rpn_class_loss, steps.rpn_box_loss, steps.class_loss, steps.box_loss)
        for index, values in enumerate(zip(*columns, steps.foreground, steps.lr, strict=True)):
            points[steps.first + index * steps.every] = values
    return points


def weights(events: list[Event]) -> list[str]:
    return [event.sha256 for event in events if isinstance(event, Saved) and event.role == "weights"]


def test_a_run_reports_every_iteration_its_map_and_its_files(shapes_data: Load, tmp_path: Path) -> None:
    events = list(train(small_spec(iterations=3), shapes_data, tmp_path / "run"))
    assert isinstance(events[0], Started)
    assert (events[0].train_images, events[0].val_images, events[0].test_images) == (6, 0, 6)
    points = curves(events)
    assert list(points) == [1, 2, 3]
    for loss, *parts, foreground, lr in points.values():
        assert loss == pytest.approx(sum(parts), rel=1e-5)
        assert 0 <= foreground <= 25
        assert lr in (0.01, 0.001)
    (evaluated,) = (event for event in events if isinstance(event, DetectionEvaluated))
    assert (evaluated.iteration, evaluated.split, evaluated.images) == (3, "test", 6)
    assert evaluated.ap.keys() == {"cat", "dog"}
    files = [(event.role, event.format) for event in events if isinstance(event, Saved)]
    assert files == [("weights", "safetensors"), ("weights", "pt"), ("checkpoint", "safetensors")]
    assert isinstance(events[-1], Finished)
    assert all(parse(event.model_dump_json()) == event for event in events)


def test_a_run_that_stopped_after_every_second_iteration_ends_with_the_same_weights(
    shapes_data: Load, tmp_path: Path
) -> None:
    spec = small_spec(iterations=3)
    whole = list(train(spec, shapes_data, tmp_path / "whole"))
    parts: list[Event] = []
    while not parts or isinstance(parts[-1], Stopped):
        stop = Stop()
        for event in train(spec, shapes_data, tmp_path / "parts", stop):
            parts.append(event)
            # The first point leaves at once, so that one more iteration is trained before the stop is noticed.
            stop.is_requested = stop.is_requested or isinstance(event, DetectionSteps)
    assert any(isinstance(event, Stopped) for event in parts)
    assert curves(parts) == curves(whole)
    assert weights(parts)[-2:] == weights(whole)


@pytest.mark.long
def test_six_pictures_are_learned(shapes_data: Load, tmp_path: Path) -> None:
    spec = small_spec(iterations=70, lr=0.02, schedule={"at": [58]})
    events = list(train(spec, shapes_data, tmp_path / "run"))
    (evaluated,) = (event for event in events if isinstance(event, DetectionEvaluated))
    assert evaluated.map >= 60
    assert evaluated.map_50_95 < evaluated.map
    losses = [values[0] for values in curves(events).values()]
    assert sum(losses[-10:]) < sum(losses[:10]) / 2


@pytest.mark.long
def test_a_killed_process_ends_with_the_same_weights(shapes: Path, start: Start, tmp_path: Path) -> None:
    spec = small_spec(iterations=5, checkpoint_every=2).canonical_json()
    killed = start(spec, tmp_path / "killed", "--folder", str(shapes), "--loaders", "0")
    assert killed.stdout is not None
    for line in killed.stdout:
        if json.loads(line).get("role") == "checkpoint":
            killed.send_signal(signal.SIGKILL)
            break
    killed.wait(60)
    again = events_of(start(spec, tmp_path / "killed", "--folder", str(shapes), "--loaders", "0"))
    whole = events_of(start(spec, tmp_path / "whole", "--folder", str(shapes), "--loaders", "1"))
    assert again[0]["resumed_from"] >= 2
    last = [[event["sha256"] for event in events if event["kind"] == "saved"][-3:] for events in (again, whole)]
    assert last[0] == last[1]
    assert whole[-1]["kind"] == "finished"


def test_validation_chooses_the_best_weights(shapes: Path, shapes_data: Load, tmp_path: Path) -> None:
    lists = shapes / "ImageSets" / "Main"
    names = (lists / "trainval.txt").read_text().split()
    (lists / "train.txt").write_text("\n".join(names[:4]))
    (lists / "val.txt").write_text("\n".join(names[4:]))
    try:
        events = list(train(small_spec(iterations=2, evaluate_every=1, validation=True), shapes_data, tmp_path / "run"))
    finally:
        (lists / "train.txt").unlink()
        (lists / "val.txt").unlink()
    evaluated = [(event.iteration, event.split) for event in events if isinstance(event, DetectionEvaluated)]
    assert evaluated == [(1, "val"), (1, "test"), (2, "val"), (2, "test")]
    assert (events[0].train_images, events[0].val_images) == (4, 2) if isinstance(events[0], Started) else False


def test_a_folder_that_is_missing_or_of_another_layout_fails_as_data(start: Start, tmp_path: Path) -> None:
    spec = small_spec().canonical_json()
    process = start(spec, tmp_path / "run")
    (failed,) = events_of(process)
    assert process.returncode == EXIT_FAILED != EXIT_FINISHED
    assert (failed["kind"], failed["reason"]) == ("failed", "data")
    assert "shapes is not downloaded automatically. Put it at" in failed["message"]


def test_two_devices_share_the_images_of_an_iteration(shapes: Path, start: Start, tmp_path: Path) -> None:
    spec = small_spec(iterations=1, devices=2).canonical_json()
    events = events_of(start(spec, tmp_path / "run", "--folder", str(shapes), "--loaders", "0"))
    assert [event["kind"] for event in events[-1:]] == ["finished"]
    losses = [loss for event in events if event["kind"] == "detection_steps" for loss in event["loss"]]
    assert len(losses) == 1
    assert all(0 < loss < 100 for loss in losses)
