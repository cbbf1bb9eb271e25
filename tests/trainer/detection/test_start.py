"""Start weights: a classifier of this service becomes the detector's trunk and head, or is refused in a sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer.detection.conftest import small_spec
from trainer.data.images import Data, Images
from trainer.detection import start
from trainer.detection.network.detector import build
from trainer.failure import Failure
from trainer.files import weights
from trainer.manifest import sha256
from trainer.spec import RunSpec
from trainer.training import begin

CPU = torch.device("cpu")
Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write the initial weights of a classifier, as a run of this service does."""

    def write(**fields: Any) -> Path:
        defaults = {"depth": 18, "shortcut": "B", "dataset": "pets", "family": "imagenet"}
        spec = RunSpec.model_validate(defaults | fields)
        images = Images(torch.zeros(0, 3, 224, 224, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64))
        mean = torch.tensor([120.0, 110, 100])[:, None, None].expand(3, 224, 224).contiguous()
        data = Data(images, None, images, ("cat", "dog"), mean, "", ())
        path = tmp_path / "weights-0.safetensors"
        weights.save(begin(spec, 2, "", CPU), data, path)
        return path

    return write


def test_the_classifiers_layers_and_mean_are_copied(save: Save) -> None:
    path = save()
    spec = small_spec(start={"sha256": sha256(path)})
    detector = build(spec, 3)
    mean = start.load(detector, spec, path)
    assert mean.flatten().tolist() == [120, 110, 100]
    classifier = begin(RunSpec(depth=18, shortcut="B", dataset="pets", family="imagenet"), 2, "", CPU).network
    theirs = classifier.state_dict()
    for part in (detector.backbone, detector.roi_heads.box_head):
        for name, value in part.state_dict().items():
            assert torch.equal(value, theirs[name])
    # BN's count of mini-batches and the fc layer stay behind.
    assert not any("num_batches" in name for name in detector.state_dict())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shortcut": "A"}, "ResNet-18 can't start from ResNet-18 A: shortcut A, not B"),
        ({"depth": 34}, "ResNet-18 can't start from ResNet-34 B: depth 34, not 18"),
        ({"family": "cifar", "depth": 20}, "family cifar, not imagenet"),
    ],
)
def test_another_network_is_refused(save: Save, fields: dict[str, Any], message: str) -> None:
    path = save(**fields)
    spec = small_spec(start={"sha256": sha256(path)})
    with pytest.raises(Failure, match=message):
        start.load(build(spec, 3), spec, path)


def test_a_stride_in_the_other_layer_is_refused_though_every_key_fits(save: Save) -> None:
    path = save(depth=50, stride_in_1x1=False)
    spec = small_spec(network="resnet50", start={"sha256": sha256(path)})
    with pytest.raises(Failure, match="stride_in_1x1 False, not True"):
        start.load(build(spec, 3), spec, path)


def test_another_file_than_the_specification_names_is_refused(save: Save, tmp_path: Path) -> None:
    path = save()
    spec = small_spec(start={"sha256": "0" * 64})
    with pytest.raises(Failure, match="start names the weights 0000"):
        start.load(build(spec, 3), spec, path)
    with pytest.raises(Failure, match="cannot be read"):
        start.load(build(spec, 3), spec, tmp_path / "nothing.safetensors")
    path.write_bytes(b"not safetensors")
    spec = small_spec(start={"sha256": sha256(path)})
    with pytest.raises(Failure, match="that a run of this service saved"):
        start.load(build(spec, 3), spec, path)
