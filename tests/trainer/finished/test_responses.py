"""Layer responses: which layers, which values, and a deviation that is numerically stable."""

import pytest
import torch
import torch.nn.functional as F

from trainer.finished import responses
from trainer.networks.cifar import CifarNet
from trainer.networks.initialisation import initialise


def test_a_network_of_6n_plus_2_layers_has_6n_plus_1_responses_in_its_order() -> None:
    for depth, count in ((20, 19), (56, 55), (110, 109)):
        names = [name for name, _ in responses.three_by_three(CifarNet(depth, "C"))]
        assert len(names) == count
        assert names[:3] == ["conv1", "layer1.0.conv1", "layer1.0.conv2"]


@pytest.mark.parametrize("shortcut", ["none", "A", "B"])
def test_the_response_is_read_after_bn_and_before_relu_and_addition(shortcut: str) -> None:
    network = CifarNet(8, shortcut).eval()  # type: ignore[arg-type]  # pytest knows no Literal
    images = torch.randn(6, 3, 32, 32)
    deviations = responses.measure(network, images.split(4))  # type: ignore[no-untyped-call]  # torch's stub
    with torch.no_grad():
        first = network.bn1(network.conv1(images))
        block = network.layer1[0]
        inner = block.bn1(block.conv1(F.relu(first)))  # type: ignore[operator]  # a Sequential's items are Modules
        outer = block.bn2(block.conv2(F.relu(inner)))  # type: ignore[operator]
    for layer, maps in (("conv1", first), ("layer1.0.conv1", inner), ("layer1.0.conv2", outer)):
        assert deviations[layer] == pytest.approx(maps.double().std(correction=0).item(), rel=1e-5)


def test_the_deviation_of_a_stream_is_that_of_all_its_values() -> None:
    # A mean a million times the deviation: two sums of float32 would lose all of it.
    values = torch.randn(10_000, dtype=torch.float64) + 1e6
    deviation = responses.RunningDeviation()
    for part in values.split(999):  # type: ignore[no-untyped-call]  # torch's stub
        deviation.add(part)
    assert deviation.count == 10_000
    assert deviation.std == pytest.approx(values.std(correction=0).item(), rel=1e-9)


def test_before_training_every_layer_has_a_deviation_of_about_one() -> None:
    """γ is 1 and β 0: with the statistics of the images themselves every layer has deviation 1 (A4)."""
    network = CifarNet(20, "A")
    initialise(network, torch.Generator().manual_seed(0))
    images = torch.randn(32, 3, 32, 32)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    network(images)
    assert all(value == pytest.approx(1, abs=0.05) for value in responses.measure(network, [images]).values())
