"""What detection's tests share: six pictures with cats and dogs, which are red and blue rectangles."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.trainer.data.annotated.layouts import Box, Voc
from tests.warm import nursery
from trainer.data.images import Data, Images
from trainer.data.loaders import Loaders
from trainer.detection import data
from trainer.detection.data import DetectionData
from trainer.detection.network.detector import Detector, build
from trainer.detection.spec import DetectionSpec
from trainer.files import weights
from trainer.spec import RunSpec
from trainer.training import begin

IMAGES = 6
SIZE = (96, 64)


def small_spec(**fields: Any) -> DetectionSpec:
    """ResNet-18-C4 at 64 pixels, from scratch."""
    defaults: dict[str, Any] = {
        "task": "detection",
        "dataset": "shapes",
        "network": "resnet18",
        "side": 64,
        "longest": 96,
        "anchors": {"sizes": [16, 32]},
        "rpn": {"min_size": 4, "test_after_nms": 40, "train_after_nms": 100},
        "roi": {"size": 4, "batch": 16},
        "iterations": 4,
        "batch_size": 2,
        "lr": 0.01,
        "evaluate_every": 1000,
    }
    return DetectionSpec.model_validate(defaults | fields)


def untrained(path: Path, **fields: Any) -> Path:
    """Write the initial weights of a classifier with two classes, as a run of this service does."""
    defaults = {"depth": 18, "shortcut": "B", "dataset": "pets", "family": "imagenet"}
    spec = RunSpec.model_validate(defaults | fields)
    none = Images(torch.zeros(0, 3, 224, 224, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64))
    mean = torch.tensor([120.0, 110, 100])[:, None, None].expand(3, 224, 224).contiguous()
    weights.save(begin(spec, 2, "", torch.device("cpu")), Data(none, None, none, ("cat", "dog"), mean, "", ()), path)
    return path


def lively(spec: DetectionSpec, classes: int = 2, seed: int = 0) -> Detector:
    """A detector whose scores differ between boxes, with the batch norm statistics of one image; in evaluation mode."""
    detector = build(spec, classes)
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in (*detector.rpn.head.children(), *detector.roi_heads.box_predictor.children()):
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.weight.normal_(0, 0.05, generator=source)
        for module in detector.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0
        maps = detector.train().backbone(100 * torch.randn(1, 3, 64, 96, generator=source))
        boxes = [torch.tensor([[0.0, 0, 96, 64], [10, 10, 40, 40], [50, 20, 90, 60]])]
        features = detector.roi_heads.features(maps, boxes, ((64, 96),))
        predictor = detector.roi_heads.box_predictor
        for layer in (predictor.cls_score, predictor.bbox_pred):
            layer.weight.div_(features.std())
            # No class is the likeliest everywhere.
            layer.bias.copy_(-(layer.weight @ features.mean(dim=0)))
    return detector.eval()


@pytest.fixture(scope="module")
def warm_detection(warm: None) -> None:
    """As `warm`; the trainers also have torchvision, which takes as long to import as torch."""
    nursery().load("trainer.detection.task")


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures in VOC's layout, which are copied for the test: what is learned is what is tested. Read-only."""
    folder = tmp_path_factory.mktemp("shapes")
    made = Voc(folder)
    chance = np.random.default_rng(7)
    for number in range(IMAGES):
        boxes = tuple(_rectangle(chance, column, ("cat", "dog")[(number + column) % 2]) for column in range(2))
        for split in ("trainval", "test"):
            made.add(f"{split}{number}", *boxes, split=split, size=SIZE)
    return folder


def _rectangle(chance: np.random.Generator, column: int, name: str) -> Box:
    """One in the left half, one in the right."""
    width, height = (int(side) for side in chance.integers(18, 36, 2))
    left = 48 * column + int(chance.integers(2, 46 - width))
    top = int(chance.integers(2, 62 - height))
    return name, left, top, left + width, top + height


@pytest.fixture
def shapes_data(shapes: Path, tmp_path: Path) -> Callable[[DetectionSpec], DetectionData]:
    return lambda spec: data.load(spec, shapes, tmp_path, torch.device("cpu"), Loaders(0))
