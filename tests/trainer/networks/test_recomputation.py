"""Recomputed activations: identical results in less memory."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.chance import generator
from trainer.networks import Network
from trainer.networks.cifar import CifarNet
from trainer.networks.imagenet import ImageNetNet
from trainer.networks.initialisation import initialise


def after_one_backward(network: Network, size: int, *, autocast: bool) -> dict[str, Tensor]:
    """Every gradient, every running statistic and the loss."""
    initialise(network, generator(0, "initialisation"))
    images = torch.randn(4, 3, size, size, generator=generator(0, "images"))
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        loss = F.cross_entropy(network(images), torch.tensor([0, 1, 2, 3]))
    loss.backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    gradients = {name: p.grad for name, p in network.named_parameters() if p.grad is not None}
    return gradients | dict(network.named_buffers()) | {"loss": loss.detach()}


@pytest.mark.parametrize("autocast", [False, True])
@pytest.mark.parametrize("shortcut", ["none", "A", "C"])
def test_gradients_and_statistics_are_the_same_bit_for_bit(shortcut: str, autocast: bool) -> None:
    plain, recomputing = (
        after_one_backward(CifarNet(32, shortcut, recomputed_blocks=blocks), 32, autocast=autocast)  # type: ignore[arg-type]
        for blocks in (0, 2)
    )
    assert plain.keys() == recomputing.keys()
    assert all(torch.equal(plain[name], recomputing[name]) for name in plain)
    assert plain["bn1.num_batches_tracked"] == recomputing["layer3.4.bn2.num_batches_tracked"] == 1


def test_the_imagenet_family_is_the_same_as_well() -> None:
    plain, recomputing = (
        after_one_backward(ImageNetNet(50, "B", 10, recomputed_blocks=blocks), 64, autocast=False) for blocks in (0, 4)
    )
    assert all(torch.equal(plain[name], recomputing[name]) for name in plain)


def test_nothing_is_computed_twice_in_evaluation() -> None:
    network = CifarNet(8, "A", recomputed_blocks=4).eval()
    calls = []
    network.layer1.register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        network(torch.zeros(1, 3, 32, 32))
    assert calls == [1]
    assert all(m.track_running_stats for m in network.modules() if isinstance(m, nn.BatchNorm2d))
