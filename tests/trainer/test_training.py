"""Every switch of the specification takes effect."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.trainer.conftest import CPU, small_spec
from trainer.events import Event, Steps
from trainer.networks.cifar import CifarNet
from trainer.networks.imagenet import Bottleneck, ImageNetNet
from trainer.spec import RunSpec
from trainer.training import Training, begin

Run = Callable[..., Iterator[Event]]


def begin_small(**fields: Any) -> Training:  # Any: a spec's fields
    return begin(small_spec(**fields), 10, "", CPU)


@pytest.mark.parametrize("decayed", [True, False])
def test_decay_reaches_batch_normalisation_only_if_enabled(decayed: bool) -> None:
    training = begin_small(decay_batch_norm=decayed, weight_decay=0.5, shortcut="B")
    for parameter in training.network.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    training.sgd.step(1.0)
    norms = {name for name, module in training.network.named_modules() if isinstance(module, nn.BatchNorm2d)}
    for name, parameter in training.network.named_parameters():
        expected = 1.0 if name.rpartition(".")[0] in norms and not decayed else 0.5
        assert (parameter == expected).all(), name


def test_nesterov_is_used_if_enabled() -> None:
    steps = []
    for nesterov in (False, True):
        training = begin_small(nesterov=nesterov, weight_decay=0.0)
        bias = training.network.get_parameter("linear.bias")
        before = bias[0].item()
        for parameter in training.network.parameters():
            parameter.grad = torch.ones_like(parameter)
        training.sgd.step(0.1)
        steps.append(before - bias[0].item())
    assert steps == pytest.approx([0.1, 0.19], abs=1e-6)  # g, and g + 0.9·g


@pytest.mark.parametrize(("init", "std"), [("fan_out", 0.08333), ("fan_in", 0.11785)])
def test_initialisation_has_the_chosen_form(init: str, std: float) -> None:
    network = begin_small(init=init, depth=20).network
    assert isinstance(network, CifarNet)
    # From 16 channels to 32: √(2 / (9·32)) and √(2 / (9·16)).
    assert network.get_parameter("layer2.0.conv1.weight").std().item() == pytest.approx(std, rel=0.06)


def test_the_family_and_the_position_of_the_stride_decide_the_network() -> None:
    for stride_in_1x1, stride in ((True, (2, 2)), (False, (1, 1))):
        spec = RunSpec(depth=50, shortcut="B", dataset="imagenet", stride_in_1x1=stride_in_1x1)
        network = begin(spec, 5, "", CPU).network
        assert isinstance(network, ImageNetNet)
        first = network.layer2[0]
        assert isinstance(first, Bottleneck)
        assert first.conv1.stride == stride
        assert network.fc.out_features == 5


def test_a_run_that_recomputes_its_activations_has_the_same_curve(run_here: Run, tmp_path: Path) -> None:
    curves = []
    for recomputed in (False, True):
        workdir = tmp_path / str(recomputed)
        workdir.mkdir()
        steps = run_here(small_spec(iterations=6, recompute_activations=recomputed), workdir=workdir)
        chunks = [(event.loss, event.error) for event in steps if isinstance(event, Steps)]
        curves.append([point for losses, errors in chunks for point in zip(losses, errors, strict=True)])
    assert curves[0] == curves[1]
    assert len(curves[0]) == 6
