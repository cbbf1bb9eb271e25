"""Weights with the statistics of all training images: the same bytes each time, and a detector starts from them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from tests.trainer.conftest import CPU
from tests.trainer.detection.conftest import small_spec, untrained
from trainer.detection import start
from trainer.detection.network.detector import build
from trainer.files import sealed
from trainer.finished import model
from trainer.finished.image_sets import single_view
from trainer.finished.options import StatisticsOptions
from trainer.finished.reports import statistics
from trainer.manifest import sha256


def photographs(folder: Path) -> Path:
    """Six training photographs of noise, and two for the test."""
    chance = np.random.default_rng(3)
    for part in ("train/cat", "train/dog", "test/cat", "test/dog"):
        (folder / part).mkdir(parents=True)
        for number in range(3 if part.startswith("train") else 1):
            pixels = chance.integers(0, 255, (224, 224, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / part / f"{number}.png")
    return folder


def options(path: Path, folder: Path, out: Path) -> StatisticsOptions:
    return StatisticsOptions(
        weights=(path,), device="cpu", threads=1, workdir=None, supervised=None,
        data=out.parent, folder=folder, dataset=None, batch=6, out=out,
    )  # fmt: skip


def test_they_are_of_all_training_images_and_a_repeated_pass_gives_the_same_bytes(tmp_path: Path) -> None:
    path, folder = untrained(tmp_path / "weights-0.safetensors"), photographs(tmp_path / "pets")
    files = [tmp_path / "first.safetensors", tmp_path / "again.safetensors"]
    first, again = (statistics(options(path, folder, file)) for file in files)
    assert first.content["images"] == 6
    assert first.content["sha256"] == again.content["sha256"] == sha256(files[0]) == sha256(files[1])

    # All images are one batch, so that the first layer can be computed here.
    tensors, metadata = sealed.read(files[0])
    assert (metadata["batch_norm"], metadata["batch_norm_images"]) == ("training_set", "6")
    before = model.load(path, CPU)
    pictures = [single_view(before, Image.open(file)) for file in sorted((folder / "train").rglob("*.png"))]
    with torch.no_grad():
        maps = before.network.get_submodule("conv1")(before.inputs(torch.cat(pictures))).double()
    torch.testing.assert_close(tensors["bn1.running_mean"], maps.mean((0, 2, 3)).float(), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(tensors["bn1.running_var"], maps.var((0, 2, 3)).float(), rtol=1e-4, atol=1e-4)
    changed = {name for name, value in before.network.state_dict().items() if not torch.equal(value, tensors[name])}
    assert {name.rpartition(".")[2] for name in changed} <= {"running_mean", "running_var", "num_batches_tracked"}

    detector_spec = small_spec(start={"sha256": sha256(files[0]), "statistics": "training_set"})
    detector = build(detector_spec, 3)
    start.load(detector, detector_spec, files[0])
    assert torch.equal(detector.state_dict()["backbone.bn1.running_mean"], tensors["bn1.running_mean"])
