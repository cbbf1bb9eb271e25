"""The CIFAR network against sec. 3 and 4.2 of the paper."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from paper.references import NetworkCounts
from tests.trainer.published_counts import COUNTS
from trainer.chance import generator
from trainer.networks.cifar import Block, CifarNet
from trainer.networks.initialisation import initialise
from trainer.networks.shortcuts import option_a
from trainer.spec import Shortcut

KEYS = {20: 116, 32: 188, 44: 260, 56: 332, 110: 656, 1202: 7208}


def on_meta(depth: int, shortcut: Shortcut) -> CifarNet:
    """Shapes without numbers: ResNet-1202 would be 80 MB."""
    with torch.device("meta"):
        return CifarNet(depth, shortcut)


@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_counts_are_the_published_ones(counts: NetworkCounts) -> None:
    network = on_meta(counts.depth, counts.shortcut)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    blocks = [m for m in network.modules() if isinstance(m, Block)]
    assert sum(p.numel() for p in network.parameters()) == counts.parameters
    assert sum(p.numel() for norm in norms for p in norm.parameters()) == counts.batch_norm
    assert sum(block.downsample is not None for block in blocks) == counts.projections
    assert _multiply_adds(network) == counts.multiply_adds
    # Sec. 4.2: 3n shortcuts, of which two change dimensions.
    assert len(blocks) == (counts.depth - 2) // 2
    assert [block.added_channels for block in blocks if block.added_channels] == [16, 32]


@pytest.mark.parametrize(("depth", "keys"), KEYS.items())
def test_plain_and_a_share_the_keys_of_the_common_layout(depth: int, keys: int) -> None:
    plain, a = (on_meta(depth, shortcut).state_dict() for shortcut in ("none", "A"))
    assert {key: value.shape for key, value in plain.items()} == {key: value.shape for key, value in a.items()}
    assert len(a) == keys
    assert {"conv1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer3.0.bn2.running_var", "linear.bias"} <= a.keys()


def test_projections_are_named_downsample() -> None:
    keys = CifarNet(20, "B").state_dict().keys()
    added = {key for key in keys if "downsample" in key and "num_batches" not in key}
    parts = ("0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var")
    assert added == {f"layer{stage}.0.downsample.{part}" for stage in (2, 3) for part in parts}


def _multiply_adds(network: nn.Module) -> int:
    total = 0

    def count(module: nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal total
        weight = module.get_parameter("weight")
        total += weight.numel() * (output.shape[2] * output.shape[3] if output.dim() == 4 else 1)

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
        # It keeps the shape, and torch takes three quarters of the time to compute this for tensors without numbers.
        for name, child in [*module.named_children()]:
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    network.eval()(torch.zeros(1, 3, 32, 32, device="meta"))
    return total


def test_maps_are_32_16_and_8() -> None:
    network = CifarNet(8, "B").eval()
    sizes = []
    for stage in (network.layer1, network.layer2, network.layer3):
        stage.register_forward_hook(lambda _module, _inputs, output: sizes.append(tuple(output.shape[1:])))
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert sizes == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]


def test_option_a_adds_zero_channels_and_keeps_every_second_pixel() -> None:
    x = torch.randn(2, 16, 8, 8, requires_grad=True)
    y = option_a(x, 16)
    assert torch.equal(y[:, :16], x[:, :, ::2, ::2])
    assert not y[:, 16:].any()


def test_option_a_gives_kept_pixels_the_identity_gradient_and_dropped_ones_none() -> None:
    x = torch.randn(2, 16, 8, 8, requires_grad=True)
    flow = torch.randn(2, 32, 4, 4)
    (option_a(x, 16) * flow).sum().backward()  # type: ignore[no-untyped-call]  # torch's stub has no types here
    expected = torch.zeros(2, 16, 8, 8)
    expected[:, :, ::2, ::2] = flow[:, :16]
    assert x.grad is not None
    assert torch.equal(x.grad, expected)


@pytest.mark.parametrize("shortcut", ["none", "A", "B", "C"])
@pytest.mark.parametrize("width", [16, 32])
def test_a_block_is_conv_bn_relu_conv_bn_addition_relu_forward_and_backward(shortcut: Shortcut, width: int) -> None:
    """Fig. 2, step by step, each into its own tensor: the block works in place and must give the same result."""
    block, x = Block(16, width, shortcut), torch.randn(4, 16, 8, 8, requires_grad=True)
    before_last_relu = block.bn2(block.conv2(F.relu(block.bn1(block.conv1(x)))))
    if shortcut != "none":
        before_last_relu = before_last_relu + block.shortcut(x)
    slow, fast = F.relu(before_last_relu), block(x)
    assert torch.equal(slow, fast)
    flow = torch.randn_like(fast)
    assert all(map(torch.equal, _gradients(slow, flow, block, x), _gradients(fast, flow, block, x)))


def _gradients(output: Tensor, flow: Tensor, block: Block, x: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(output, [x, *block.parameters()], flow)


def test_a_block_without_residual_is_the_identity_and_a_plain_one_is_zero() -> None:
    x = torch.rand(2, 16, 8, 8)
    for shortcut, expected in (("A", x), ("none", torch.zeros_like(x))):
        block = Block(16, 16, shortcut)  # type: ignore[arg-type]  # the loop's tuple widens the literal
        nn.init.zeros_(block.bn2.weight)
        nn.init.zeros_(block.bn2.bias)
        assert torch.equal(block(x), expected)


def test_no_convolution_has_a_bias_and_nothing_drops_out() -> None:
    network = CifarNet(20, "C")
    assert all(m.bias is None for m in network.modules() if isinstance(m, nn.Conv2d))
    assert not any(isinstance(m, nn.Dropout) for m in network.modules())
    assert all((m.eps, m.momentum) == (1e-5, 0.1) for m in network.modules() if isinstance(m, nn.BatchNorm2d))


def test_initialisation_is_he_fan_out() -> None:
    network = CifarNet(20, "A")
    initialise(network, generator(0, "initialisation"))
    for key, filters in (("layer1.1.conv1", 16), ("layer2.0.conv1", 32), ("layer3.1.conv2", 64)):
        weight = network.get_parameter(f"{key}.weight")
        assert weight.std().item() == pytest.approx(math.sqrt(2 / (9 * filters)), rel=0.06)
    assert not network.linear.bias.any()


def test_the_same_seed_gives_the_same_network() -> None:
    networks = [CifarNet(8, "B") for _ in range(3)]
    for network, seed in zip(networks, (1, 1, 2), strict=True):
        initialise(network, generator(seed, "initialisation"))
    first, same, other = (torch.cat([p.flatten() for p in network.parameters()]) for network in networks)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_depth_that_is_not_6n_plus_2_is_refused() -> None:
    with pytest.raises(ValueError, match="6n\\+2"):
        CifarNet(21, "A")
