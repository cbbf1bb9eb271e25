"""Finished ImageNet networks on photographs: each kind of view, by the command line and by hand."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from tests.trainer.conftest import CPU
from trainer.__main__ import main
from trainer.data import library
from trainer.data.loaders import Loaders
from trainer.data.photographs import PhotographData
from trainer.events import EXIT_FINISHED
from trainer.examination import Views
from trainer.files import weights
from trainer.finished import model
from trainer.finished.image_sets import open_image_set
from trainer.finished.scores import probabilities
from trainer.finished.views import views_of
from trainer.spec import RunSpec
from trainer.training import begin

Command = Callable[..., dict[str, Any]]
SPEC = RunSpec(depth=18, shortcut="B", dataset="pictures", family="imagenet", batch_size=4)


@pytest.fixture(scope="module")
def few(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photographs per class for training, one for evaluation."""
    root = tmp_path_factory.mktemp("few")
    for name in ("train/{}/0.JPEG", "train/{}/1.JPEG", "val/{}/0.JPEG"):
        for label in ("n01", "n02"):
            path = root / name.format(label)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(photographs / name.format(label), path)
    return root


@pytest.fixture(scope="module")
def untrained(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a ResNet-18 before its first iteration."""
    folder = tmp_path_factory.mktemp("untrained")
    data = library.prepare(SPEC, folder, few, CPU, Loaders(0))
    assert isinstance(data, PhotographData)
    training = begin(SPEC, 2, data.hash, CPU)
    return folder / weights.save(training, data, folder / "weights-0.safetensors").file


@pytest.fixture
def report_of(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    def run(command: str, *options: object) -> dict[str, Any]:
        assert main([command, *map(str, options), "--device", "cpu", "--threads", "1"]) == EXIT_FINISHED
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    yield run
    torch.set_deterministic_debug_mode("default")


@pytest.mark.parametrize("views", ["single", "ten-crop", "multi-scale"])
def test_softmax_is_averaged_over_the_views_of_each_photograph(
    views: Views, few: Path, untrained: Path, report_of: Command, tmp_path: Path
) -> None:
    loaded = model.load(untrained, CPU)
    photographs = [Image.open(few / "val" / name / "0.JPEG") for name in ("n01", "n02")]
    scores = torch.cat([probabilities([loaded], views_of(image, views)) for image in photographs])
    options = ("--data", tmp_path, "--folder", few, "--batch", 1 if views == "single" else 2)
    report = report_of("evaluate", "--weights", untrained, "--views", views, *options)
    assert (report["images"], report["views"], report["is_the_data_trained_on"]) == (2, views, True)
    assert report["loss"] == pytest.approx(-scores.diag().log().mean().item(), rel=1e-4)
    assert report["error"] == 100 * (scores.argmax(1) != torch.tensor([0, 1])).double().mean().item()


def test_predict_sees_the_centre_crop(few: Path, untrained: Path, report_of: Command) -> None:
    loaded = model.load(untrained, CPU)
    path = few / "val" / "n02" / "0.JPEG"
    (scores,) = probabilities([loaded], views_of(Image.open(path), "single"))
    report = report_of("predict", "--weights", untrained, path)
    assert {guess["class"]: guess["probability"] for guess in report["classes"]} == pytest.approx(
        {"n01": scores[0].item(), "n02": scores[1].item()}, rel=1e-4
    )


def test_each_training_photograph_is_used_once_in_a_random_order(few: Path, untrained: Path) -> None:
    loaded = model.load(untrained, CPU)
    image_set = open_image_set(loaded, "pictures", few.parent / "kept", few)
    images = torch.cat(list(image_set.training(loaded, batch=3)))
    crops = [views_of(Image.open(path), "single")[0][0] for path in sorted(few.glob("train/*/*"))]
    assert len(images) == len(crops) == 4
    assert all(any(torch.equal(crop, image) for image in images) for crop in crops)
