"""The tensors that start weights must have are those of torchvision's classifiers."""

import pytest
import torch
import torchvision

from trainer.detection.origin import classifier_shapes
from trainer.detection.spec import DetectionNetwork


@pytest.mark.parametrize("network", ["vgg16", "resnet18", "resnet50"])
def test_names_and_shapes_are_torchvisions(network: DetectionNetwork) -> None:
    with torch.device("meta"):
        theirs = torchvision.models.get_model(network, weights=None, num_classes=7).state_dict()
    assert classifier_shapes(network, 7) == {name: tuple(tensor.shape) for name, tensor in theirs.items()}
