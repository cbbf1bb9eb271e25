"""Statistics recomputed over the training set are those of all its images."""

import torch
from torch import nn

from trainer.finished import batch_norm
from trainer.networks.cifar import CifarNet


def test_the_first_layers_statistics_are_those_of_all_images_in_any_batches() -> None:
    network = CifarNet(8, "A").eval()
    # Mini-batches that differ: the mean of their variances would be too small.
    images = torch.cat([torch.randn(8, 3, 32, 32) + shift for shift in (-2.0, 0.0, 3.0)])
    batch_norm.recompute(network, images.split(8))  # type: ignore[no-untyped-call]  # torch's stub
    with torch.no_grad():
        maps = network.conv1(images).transpose(0, 1).flatten(1).double()
    assert network.bn1.running_mean is not None
    assert network.bn1.running_var is not None
    torch.testing.assert_close(network.bn1.running_mean, maps.mean(1).float(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(network.bn1.running_var, maps.var(1).float(), rtol=1e-5, atol=1e-6)


def test_one_batch_of_everything_makes_evaluation_equal_to_training() -> None:
    network = CifarNet(8, "B").double()
    images = torch.randn(16, 3, 32, 32, dtype=torch.float64)
    batch_norm.recompute(network, [images])
    with torch.no_grad():
        in_evaluation = network(images)
        in_training = network.train()(images)
    # Up to the divisor: evaluation uses n − 1, training n; here n is at least 1,024.
    torch.testing.assert_close(in_evaluation, in_training, rtol=2e-2, atol=2e-2)


def test_it_ends_in_evaluation_mode_and_leaves_weights_and_hooks_alone() -> None:
    network = CifarNet(8, "A")
    before = [weight.clone() for weight in network.parameters()]
    batch_norm.recompute(network, [torch.randn(4, 3, 32, 32)])
    assert not network.training
    assert all(torch.equal(was, now) for was, now in zip(before, network.parameters(), strict=True))
    assert not any(module._forward_pre_hooks for module in network.modules() if isinstance(module, nn.BatchNorm2d))
