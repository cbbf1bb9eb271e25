"""The least time of an iteration, against counts by hand and the networks themselves."""

from pathlib import Path

import pytest
import torch
from torch import nn

from benchmarks.devices.roofline import launch_rows, rows
from trainer.acceptance.conditions import cifar, imagenet
from trainer.acceptance.roofline import Limits, arithmetic_seconds, convolutions, kernels, seconds
from trainer.networks import build
from trainer.plan import plan
from trainer.spec import RunSpec

DOCS = Path(__file__).parents[3] / "docs" / "gpu.md"
NETWORKS = [cifar(20, 2), imagenet(18, 2), imagenet(50, 2)]


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_its_convolutions_are_the_networks(spec: RunSpec) -> None:
    with torch.device("meta"):
        network = build(spec, 10)
    theirs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    ours = list(convolutions(spec))
    assert [(c.layout.kernel, c.layout.width_in, c.layout.width, c.stride) for c in ours] == [
        (m.kernel_size[0], m.in_channels, m.out_channels, m.stride[0]) for m in theirs
    ]


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_arithmetic_is_three_times_the_multiply_adds_except_in_the_first_layer(spec: RunSpec) -> None:
    network_plan = plan(spec)
    first, *_, head = network_plan.layers
    multiply_adds = 3 * (network_plan.multiply_adds - head.multiply_adds) - first.multiply_adds
    limits = Limits(operations_per_s=2.0 * spec.batch_size, bytes_per_s=1.0)
    assert arithmetic_seconds(spec, limits) == pytest.approx(multiply_adds)


def test_a_device_with_endless_bandwidth_is_bound_by_arithmetic_and_the_other_way_round() -> None:
    spec = cifar(20)
    fast_memory, fast_arithmetic = Limits(1e12, 1e30), Limits(1e30, 1e9)
    assert seconds(spec, fast_memory) == pytest.approx(arithmetic_seconds(spec, fast_memory))
    # By hand: maps of 96 MB. Three passes read or write input and output, batch norm 8 maps, ReLU 5, additions 6.
    assert 1.9 < seconds(spec, fast_arithmetic) < 2.3


def test_a_deeper_network_starts_more_operations() -> None:
    assert [kernels(cifar(depth)) for depth in (20, 56, 110)] == sorted(kernels(cifar(d)) for d in (20, 56, 110))


def test_the_pages_tables_are_what_the_program_prints() -> None:
    page = DOCS.read_text().splitlines()
    assert [row for row in (*rows(), *launch_rows()) if row not in page] == []
