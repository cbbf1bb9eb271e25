"""Start weights: a classifier of this service becomes the detector's trunk and head, or is refused in a sentence."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import torchvision
from torch import nn
from torchvision.models import vgg

from tests.trainer.detection.conftest import small_spec, untrained
from trainer.detection import start, torchvision_weights
from trainer.detection.network.detector import Detector, build
from trainer.detection.spec import DetectionSpec
from trainer.failure import Failure
from trainer.manifest import sha256
from trainer.spec import RunSpec
from trainer.training import begin

CPU = torch.device("cpu")
Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write the initial weights of a classifier, as a run of this service does."""
    return partial(untrained, tmp_path / "weights-0.safetensors")


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
    with pytest.raises(FileNotFoundError):
        start.load(build(spec, 3), spec, tmp_path / "nothing.safetensors")
    path.write_bytes(b"not safetensors")
    spec = small_spec(start={"sha256": sha256(path)})
    with pytest.raises(Failure, match="nor a state dict that torch can load safely"):
        start.load(build(spec, 3), spec, path)


def test_the_statistics_must_be_those_that_the_specification_names(save: Save) -> None:
    path = save()
    spec = small_spec(start={"sha256": sha256(path), "statistics": "training_set"})
    with pytest.raises(Failure, match=r"start\.statistics says training_set, but the .* are moving_average"):
        start.load(build(spec, 3), spec, path)


def in_torchvision(layers: nn.Module, spec: DetectionSpec, path: Path) -> None:
    """Start from the file, and compare the trunk with torchvision's layers, which see normalised colours."""
    detector = build(spec, 3).eval()
    mean = start.load(detector, spec, path)
    image = torch.rand(1, 3, 64, 96)
    normalise = torchvision.transforms.Normalize(torchvision_weights.MEAN, torchvision_weights.DEVIATION)
    with torch.no_grad():
        expected = layers.eval()(normalise(image))
        torch.testing.assert_close(detector.backbone(255 * image - mean), expected, rtol=1e-4, atol=1e-4)


def test_torchvisions_resnet_computes_what_it_computes_there(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, path = torchvision.models.resnet18(num_classes=5), tmp_path / "resnet18.pth"
    torch.save(network.state_dict(), path)
    spec = small_spec(start={"sha256": sha256(path)})
    in_torchvision(nn.Sequential(*list(network.children())[:7]), spec, path)


def test_torchvisions_vgg_16_becomes_trunk_and_head(tmp_path: Path) -> None:
    torch.manual_seed(0)
    features, path = vgg.make_layers(vgg.cfgs["D"]), tmp_path / "vgg16.safetensors"
    head = {"0.weight": (4096, 512 * 4), "0.bias": (4096,), "3.weight": (4096, 4096), "3.bias": (4096,), "6.bias": (9,)}
    state = {f"features.{name}": value for name, value in features.state_dict().items()}
    state |= {f"classifier.{name}": torch.full(shape, 0.5) for name, shape in head.items()}
    safetensors.torch.save_file(state, path)
    spec = small_spec(network="vgg16", roi={"size": 2, "batch": 8}, start={"sha256": sha256(path)})
    in_torchvision(features[:-1], spec, path)


def test_a_deeper_network_is_refused_though_it_has_every_key(tmp_path: Path) -> None:
    path = tmp_path / "resnet34.pth"
    torch.save(torchvision.models.resnet34(num_classes=2).state_dict(), path)
    spec = small_spec(start={"sha256": sha256(path)})
    with pytest.raises(Failure, match="is not ResNet-18: it has the tensor layer1"):
        start.load(build(spec, 3), spec, path)


def test_a_bottleneck_of_unknown_stride_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "resnet50.safetensors"
    safetensors.torch.save_file({"conv1.weight": torch.zeros(64, 3, 7, 7)}, path)
    spec = small_spec(network="resnet50", start={"sha256": sha256(path)})
    with torch.device("meta"):
        detector = Detector(spec, 3)
    with pytest.raises(Failure, match="set stride_in_1x1 to false"):
        start.load(detector, spec, path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save({"weight": Path("a")}, path)
    spec = small_spec(start={"sha256": sha256(path)})
    with pytest.raises(Failure, match="nor a state dict that torch can load safely"):
        start.load(build(spec, 3), spec, path)
