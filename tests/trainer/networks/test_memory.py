"""The bytes that backward keeps, against the plan's count."""

import weakref
from typing import Any

import pytest
import torch
from torch import Tensor

from trainer.networks import build
from trainer.plan import plan
from trainer.spec import RunSpec


class Counter:
    """The most bytes that autograd held at one time. A storage counts once, until its last tensor is gone."""

    def __init__(self, network: torch.nn.Module) -> None:
        self._own = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
        self._holders: dict[int, int] = {}
        self._bytes = 0
        self.most = 0

    def keep(self, tensor: Tensor) -> "Holder":
        holder = Holder(tensor)
        storage = tensor.untyped_storage()
        address, size = storage.data_ptr(), storage.nbytes()
        if address not in self._own:
            self._bytes += 0 if self._holders.get(address) else size
            self._holders[address] = self._holders.get(address, 0) + 1
            self.most = max(self.most, self._bytes)
            weakref.finalize(holder, self._release, address, size)
        return holder

    def _release(self, address: int, size: int) -> None:
        self._holders[address] -= 1
        self._bytes -= 0 if self._holders[address] else size


class Holder:
    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def count_bytes(spec: RunSpec, images: Tensor) -> int:
    """Bytes that autograd holds at the worst moment of one iteration."""
    network = build(spec, 10)
    counter = Counter(network)
    with torch.autograd.graph.saved_tensors_hooks(counter.keep, lambda holder: holder.tensor):
        network(images).sum().backward()
    return counter.most


def small(**fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec.model_validate({"depth": 20, "shortcut": "A", "dataset": "cifar10", "batch_size": 2} | fields)


@pytest.mark.parametrize("shortcut", ["none", "A", "B", "C"])
def test_a_cifar_net_keeps_what_the_plan_counts(shortcut: str) -> None:
    spec = small(shortcut=shortcut)
    assert count_bytes(spec, torch.randn(2, 3, 32, 32)) == pytest.approx(plan(spec).memory.activations_bytes, rel=0.02)


@pytest.mark.parametrize("shortcut", ["none", "A", "C"])
@pytest.mark.parametrize("depth", [20, 68])  # one segment per stage, and three
def test_a_recomputed_cifar_net_keeps_what_the_plan_counts(shortcut: str, depth: int) -> None:
    spec = small(shortcut=shortcut, depth=depth, recompute_activations=True)
    network_plan = plan(spec)
    most = count_bytes(spec, torch.randn(2, 3, 32, 32))
    assert most == pytest.approx(network_plan.memory.activations_bytes, rel=0.05)
    assert most < 0.65 * plan(small(shortcut=shortcut, depth=depth)).memory.activations_bytes


@pytest.mark.parametrize(("depth", "stride_in_1x1"), [(18, True), (50, True), (50, False)])
@pytest.mark.parametrize("recomputed", [False, True])
def test_an_imagenet_net_keeps_what_the_plan_counts(depth: int, stride_in_1x1: bool, recomputed: bool) -> None:
    fields = {"dataset": "imagenet", "shortcut": "B", "batch_size": 1, "stride_in_1x1": stride_in_1x1}
    spec = small(depth=depth, recompute_activations=recomputed, **fields)
    most = count_bytes(spec, torch.randn(1, 3, 224, 224))
    assert most == pytest.approx(plan(spec).memory.activations_bytes, rel=0.05)
