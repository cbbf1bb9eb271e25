"""The tensors known without torch are exactly those of the built networks."""

import pytest
import torch

from trainer.networks import build
from trainer.spec import RunSpec
from trainer.state import tensor_shapes

CIFAR = [(depth, shortcut, "cifar10") for depth in (8, 20, 32) for shortcut in ("none", "A", "B", "C")]
IMAGENET = [(depth, shortcut, "imagenet") for depth in (18, 34, 50, 101) for shortcut in ("none", "A", "B", "C")]


@pytest.mark.parametrize(("depth", "shortcut", "dataset"), CIFAR + IMAGENET)
def test_names_and_shapes_are_those_of_the_network(depth: int, shortcut: str, dataset: str) -> None:
    spec = RunSpec.model_validate({"depth": depth, "shortcut": shortcut, "dataset": dataset})
    with torch.device("meta"):
        network = build(spec, 7)
    built = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert tensor_shapes(spec, 7) == built
