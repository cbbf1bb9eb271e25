"""The commands on finished detectors: what they report, what they refuse, and the file of detections."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from safetensors import safe_open

from reslab.command.verify import Measured, _measured
from studies.certificate import bundle
from studies.certificate.contents import CertifiedRun, CertifiedWeights
from tests.trainer.conftest import CPU
from tests.trainer.conftest import small_spec as classifier_spec
from tests.trainer.detection.conftest import small_spec
from trainer.__main__ import main
from trainer.data import synthetic
from trainer.data.images import arrange
from trainer.data.loaders import Loaders
from trainer.detection import data
from trainer.detection.task import Detection
from trainer.environment import Environment
from trainer.events import EXIT_FAILED, EXIT_FINISHED, DetectionEvaluated, Event, Finished, Saved
from trainer.files import weights
from trainer.finished import commands, reports
from trainer.finished.options import DetectOptions
from trainer.loop import run as loop
from trainer.process.job import Speaker
from trainer.process.supervision import Stop
from trainer.training import begin

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture(scope="module")
def trained(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DetectionEvaluated]:
    """A detector that has learned a little, and what its run reported of it."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("trained")
    spec = small_spec(iterations=24, lr=0.02, batch_size=2)
    loaded = data.load(spec, shapes, folder, CPU, Loaders(0))
    environment = Environment(folder, CPU, Stop())
    (scores,) = (
        event
        for event in loop(Detection(spec, loaded, environment), environment)
        if isinstance(event, DetectionEvaluated)
    )
    return folder / "weights-24.safetensors", scores


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Run a command in this process: its exit code, its report and its stderr."""

    def perform(command: str, *options: object) -> tuple[int, Any, str]:
        extra = ["--data", tmp_path, "--loaders", 0] if command == "detect" else []
        code = main([command, *map(str, [*options, *extra]), "--device", "cpu", "--threads", "1"])
        output = capsys.readouterr()
        return code, json.loads(output.out) if output.out else None, output.err

    yield perform
    torch.set_deterministic_debug_mode("default")


def test_detect_reproduces_the_runs_own_scores(
    trained: tuple[Path, DetectionEvaluated], shapes: Path, run: Run
) -> None:
    path, own = trained
    assert own.map_50_95 > 0
    code, report, _ = run("detect", "--weights", path, "--folder", shapes)
    assert code == EXIT_FINISHED
    assert (report["map"], report["map_50"], report["map_50_95"]) == (own.map, own.map_50, own.map_50_95)
    assert report["weights"][0]["reported"]["test_map"] == own.map
    assert {each["class"]: each["ap"] for each in report["classes"]} == own.ap
    assert (report["images"], report["detections"], report["form"]) == (6, own.detections, "voc07")
    assert report["is_the_data_trained_on"]
    assert [each["objects"] for each in report["classes"]] == [6, 6]
    assert report["map_by_size"]["large"] is None
    assert np.mean(report["map_by_iou"]) == pytest.approx(own.map_50_95)
    assert report["images_per_s"] > 0
    # The curves are those whose 11-point mean is AP.
    for each in report["classes"]:
        points = [each["precision"][percent] or 0 for percent in range(0, 101, 10)]
        assert sum(points) / 11 == pytest.approx(each["ap"], abs=1e-3)


def test_verify_measures_a_detectors_map_again(
    trained: tuple[Path, DetectionEvaluated], shapes: Path, tmp_path: Path
) -> None:
    """As `reslab verify` does with weights in a certificate: in a trainer of its own."""
    path, own = trained
    file, name = tmp_path / "certificate.zip", "weights/detector.safetensors"
    with file.open("wb+") as out:
        bundle.write(out, [(name, [path.read_bytes()])], Ed25519PrivateKey.generate())
    saved = CertifiedWeights(iteration=24, sha256="", size_bytes=path.stat().st_size, file=name)
    fields: dict[str, Any] = {"test_map": own.map, "weights": saved}  # what is read of a run
    run = CertifiedRun.model_construct(**fields)
    measured = _measured(file, run, ["--folder", str(shapes), "--data", str(tmp_path), "--loaders", "0"])
    assert isinstance(measured, Measured), measured
    assert (measured.noun, measured.value, measured.images) == ("mAP ", own.map, 6)
    assert measured.agrees
    assert not replace(measured, certified=own.map + 1).agrees
    assert not replace(measured, is_same_data=False).agrees


def test_app_b_changes_the_detections(trained: tuple[Path, DetectionEvaluated], shapes: Path, run: Run) -> None:
    path, _ = trained
    options = ("--refine", "--vote", "--sides", "96", "48", "64")
    code, report, _ = run("detect", "--weights", path, path, "--folder", shapes, *options)
    assert code == EXIT_FINISHED
    assert (report["refine"], report["vote"], report["sides"]) == (True, True, [48, 64, 96])
    assert len(report["weights"]) == 2


class Recorder(Speaker):
    """Keeps the events that a job would print."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def say(self, event: Event) -> None:
        self.events.append(event)


def test_a_job_writes_its_detections_beside_the_report(
    trained: tuple[Path, DetectionEvaluated], shapes: Path, tmp_path: Path
) -> None:
    path, own = trained
    options = DetectOptions(
        weights=(path,),
        device="cpu",
        threads=1,
        workdir=tmp_path,
        supervised=None,
        data=tmp_path,
        folder=shapes,
        dataset=None,
        refine=False,
        vote=False,
        sides=(),
        loaders=0,
    )
    speaker = Recorder()
    assert commands._save(partial(reports.detect, options), tmp_path, None, speaker, Stop()) == EXIT_FINISHED
    torch.set_deterministic_debug_mode("default")
    scores, *saved, finished = speaker.events
    assert isinstance(scores, DetectionEvaluated)
    assert scores.model_copy(update={"images_per_s": own.images_per_s}) == own
    assert [event.role for event in saved if isinstance(event, Saved)] == ["detections", "report"]
    assert isinstance(finished, Finished)
    content = (tmp_path / "detections.safetensors").read_bytes()
    tensors = safetensors.numpy.load(content)
    with safe_open(tmp_path / "detections.safetensors", "numpy") as file:
        metadata = {name: json.loads(value) for name, value in file.metadata().items()}
    assert metadata["classes"] == ["cat", "dog"]
    assert [width for _, width, _ in metadata["images"]] == [96] * 6
    assert tensors["first_detection"][-1] == len(tensors["scores"]) == own.detections
    assert tensors["first_object"].tolist() == list(range(0, 13, 2))
    # A detection that is right has its object's class, and overlaps it.
    right = tensors["outcomes"] == 1
    assert right.any()
    assert (tensors["object_labels"][tensors["objects"][right]] == tensors["labels"][right]).all()
    corners = np.abs(tensors["boxes"][right] - tensors["object_boxes"][tensors["objects"][right]])
    assert corners.max() < 20


def test_predict_finds_the_objects_of_a_picture(
    trained: tuple[Path, DetectionEvaluated], shapes: Path, run: Run
) -> None:
    path, _ = trained
    picture = shapes / "JPEGImages" / "test0.jpg"
    code, report, _ = run("predict", "--weights", path, picture)
    assert code == EXIT_FINISHED
    assert (report["width"], report["height"]) == (96, 64)
    assert report["detections"]
    scores = [each["score"] for each in report["detections"]]
    assert scores == sorted(scores, reverse=True)
    assert {each["class"] for each in report["detections"]} <= {"cat", "dog"}
    assert all(0 <= each["box"][0] < each["box"][2] <= 96.01 for each in report["detections"])


def test_commands_refuse_weights_of_the_other_task(
    trained: tuple[Path, DetectionEvaluated], shapes: Path, run: Run, tmp_path: Path
) -> None:
    spec = classifier_spec()
    classifier = tmp_path / "weights-0.safetensors"
    weights.save(begin(spec, 10, "", CPU), arrange(synthetic.load(), None, 0, CPU), classifier)
    code, _, message = run("detect", "--weights", classifier, "--folder", shapes)
    assert (code, message) == (EXIT_FAILED, f"{classifier} contains a classifier. Use evaluate for its errors.\n")
    code, _, message = run("evaluate", "--weights", trained[0])
    assert (code, message) == (
        EXIT_FAILED,
        f"{trained[0]} contains a detector. Use detect for its average precision.\n",
    )


def test_detect_refuses_a_data_set_with_other_classes(
    trained: tuple[Path, DetectionEvaluated], run: Run, tmp_path: Path
) -> None:
    from tests.trainer.data.annotated.layouts import Voc

    other = Voc(tmp_path / "other")
    other.add("a", ("horse", 4, 5, 24, 25), split="trainval")
    other.add("b", ("horse", 4, 5, 24, 25), split="test")
    code, _, message = run("detect", "--weights", trained[0], "--folder", tmp_path / "other")
    assert code == EXIT_FAILED
    assert f"The data set has the classes horse, but {trained[0]} detects cat, dog." in message
