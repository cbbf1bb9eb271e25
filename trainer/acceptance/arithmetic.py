"""Owns the comparison of a network's outputs and gradients with the same network in float64, on the CPU."""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.acceptance.conditions import Conditions, cifar, imagenet
from trainer.acceptance.gates import Recorded, Repeated
from trainer.acceptance.report import Measurement
from trainer.chance import generator
from trainer.networks import Network
from trainer.spec import RunSpec
from trainer.training import begin

TOPIC = "arithmetic"
CPU = torch.device("cpu")
# A rounding to float32's 24 binary digits changes a value by at most this part of it.
ROUNDING = 2.0**-24
# Photographs of this side: a network of sec. 3.4 is convolutional, and float64 is slow.
SIDE = 64


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """Two measurements for each family: basic blocks on CIFAR's size, bottlenecks on photographs."""
    short, full = [cifar(8, 16), imagenet(18, 2)], [cifar(20, 32), imagenet(18, 4), imagenet(50, 4)]
    for spec in short if conditions.is_short else full:
        yield from _compare(spec, conditions.device)


def _compare(spec: RunSpec, device: torch.device) -> Iterator[Measurement]:
    inputs, labels = mini_batch(spec, SIDE)
    recorded = Recorded()
    ours = _pass(_network(spec, device), inputs.to(device), labels.to(device), recorded)
    exact_network = begin(spec, _classes(spec), "", CPU).network.double().to(memory_format=torch.contiguous_format)
    repeated = Repeated(recorded.decisions)
    exact = _pass(exact_network, inputs.double(), labels, repeated)
    shake(exact_network)
    shaken = _pass(exact_network, inputs.double(), labels, Repeated(recorded.decisions))
    yield _measurement(
        f"{spec.name}: logits against float64",
        _distance(ours[:1], exact[:1]),
        _distance(shaken[:1], exact[:1]),
        "The bar is what random roundings in every layer's sums do; TF32 or a wrong kernel exceeds it.",
    )
    yield _measurement(
        f"{spec.name}: gradients against float64",
        _distance(ours[1:], exact[1:]),
        _distance(shaken[1:], exact[1:]),
        f"With the same ReLU gates: {repeated.flipped:,} of {repeated.count:,} differ in float64, as they must.",
    )


def shake(network: nn.Module) -> None:
    """From now on, disturb what each layer computes, and its gradient, as a sum of k roundings would: by √k·u of it.

    k counts the terms of the layer's longest sum: of a convolution's window forward, of a whole mini-batch's map in
    batch norm and in every gradient. A kernel that adds in blocks stays far below. TF32 reads inputs of 11 binary
    digits, which disturbs each layer 20 times as much and more.
    """
    chance = generator(0, "roundings")
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            module.register_forward_hook(partial(_disturb, chance))


def _disturb(chance: torch.Generator, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    del inputs
    mapped = output.numel() // output.shape[1]
    forward = module.weight[0].numel() if isinstance(module, nn.Conv2d) else mapped
    output = output * _noise(output, forward, chance)
    # torch's stub has no types here
    output.register_hook(lambda gradient: gradient * _noise(gradient, mapped, chance))  # type: ignore[no-untyped-call]
    return output


def _noise(values: Tensor, terms: int, chance: torch.Generator) -> Tensor:
    return 1 + math.sqrt(terms) * ROUNDING * torch.randn(values.shape, generator=chance, dtype=values.dtype)


def mini_batch(spec: RunSpec, side: int) -> tuple[Tensor, Tensor]:
    """Noise in the range of images minus their mean, float32 (batch, 3, side, side), and labels, on the CPU."""
    source, size = generator(0, "acceptance"), 32 if spec.family == "cifar" else side
    inputs = torch.randint(-128, 128, (spec.batch_size, 3, size, size), generator=source).float()
    return inputs, torch.randint(0, _classes(spec), (spec.batch_size,), generator=source)


def _classes(spec: RunSpec) -> int:
    return 10 if spec.family == "cifar" else 1000


def _network(spec: RunSpec, device: torch.device) -> Network:
    return begin(spec, _classes(spec), "", device).network


def _pass(network: Network, inputs: Tensor, labels: Tensor, decisions: AbstractContextManager[object]) -> list[Tensor]:
    """The logits, then every parameter's gradient, in float64 on the CPU."""
    network.zero_grad()
    with decisions:
        logits = network(inputs)
        loss = F.cross_entropy(logits, labels)
    loss.backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    return [values.detach().cpu().double() for values in (logits, *gradients)]


def _distance(ours: list[Tensor], exact: list[Tensor]) -> float:
    """The Euclidean distance of all values, relative to the exact ones' length."""
    difference = sum(float((a - b).square().sum()) for a, b in zip(ours, exact, strict=True))
    return math.sqrt(difference / sum(float(b.square().sum()) for b in exact))


def _measurement(what: str, error: float, bar: float, reason: str) -> Measurement:
    verdict = "passed" if error <= bar else "failed"  # nan fails
    return Measurement(
        topic=TOPIC, what=what, measured=f"{error:.1e} off", bar=f"≤ {bar:.1e}", verdict=verdict, reason=reason
    )
