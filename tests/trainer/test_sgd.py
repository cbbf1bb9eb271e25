"""The optimiser against torch's own."""

import torch
from torch import nn

from trainer.sgd import SGD


def test_equals_torch_bit_for_bit() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(7, 5), nn.Linear(7, 5)
    theirs.load_state_dict(ours.state_dict())
    sgd = SGD(ours.named_parameters(), momentum=0.9, weight_decay=1e-2)
    reference = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
    for rate in (0.1, 0.1, 0.01, 0.01):
        inputs = torch.randn(4, 7)
        sgd.clear_gradients()
        reference.zero_grad()
        for group in reference.param_groups:
            group["lr"] = rate
        for network in (ours, theirs):
            network(inputs).square().sum().backward()
        sgd.step(rate)
        reference.step()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_decay_reaches_every_parameter() -> None:
    layer = nn.BatchNorm2d(3)
    sgd = SGD(layer.named_parameters(), momentum=0.0, weight_decay=0.5)
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    sgd.step(1.0)
    assert all((parameter == 0.5).all() for parameter in layer.parameters())


def test_nesterov_equals_torch_bit_for_bit() -> None:
    ours, theirs = nn.Linear(7, 5), nn.Linear(7, 5)
    theirs.load_state_dict(ours.state_dict())
    sgd = SGD(ours.named_parameters(), momentum=0.9, weight_decay=1e-2, nesterov=True)
    reference = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2, nesterov=True)
    for _ in range(3):
        inputs = torch.randn(4, 7)
        sgd.clear_gradients()
        reference.zero_grad()
        for network in (ours, theirs):
            network(inputs).square().sum().backward()
        sgd.step(0.1)
        reference.step()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_decay_omits_the_undecayed_parameters() -> None:
    layer = nn.Linear(2, 2)
    sgd = SGD(layer.named_parameters(), momentum=0.0, weight_decay=0.5, undecayed={"bias"})
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    sgd.step(1.0)
    assert (layer.weight == 0.5).all()
    assert (layer.bias == 1).all()
