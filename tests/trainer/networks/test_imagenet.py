"""The ImageNet networks against Table 1, sec. 3.3 and 4.1, and torchvision's."""

import itertools

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from paper.references import NetworkCounts
from tests.trainer.published_counts import IMAGENET_COUNTS
from trainer.chance import generator
from trainer.networks.imagenet import BLOCKS, BasicBlock, Bottleneck, ImageNetNet
from trainer.networks.initialisation import initialise
from trainer.networks.shortcuts import option_a
from trainer.spec import Shortcut

# Entries of the state dict with num_batches_tracked, and convolutions of the main path and the projections of B.
KEYS = {18: 122, 34: 218, 50: 320, 101: 626, 152: 932}
CONVOLUTIONS = {18: 20, 34: 36, 50: 53, 101: 104, 152: 155}


def on_meta(depth: int, shortcut: Shortcut, *, stride_in_1x1: bool = True) -> ImageNetNet:
    """Shapes without numbers: ResNet-152 C would be 430 MB."""
    with torch.device("meta"):
        return ImageNetNet(depth, shortcut, stride_in_1x1=stride_in_1x1)


def torchvisions(depth: int) -> nn.Module:
    network: nn.Module = getattr(torchvision.models, f"resnet{depth}")()
    return network


@pytest.mark.parametrize("counts", IMAGENET_COUNTS, ids=str)
def test_counts_are_the_published_ones(counts: NetworkCounts) -> None:
    network = on_meta(counts.depth, counts.shortcut, stride_in_1x1=counts.stride_in_1x1)
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    blocks = [m for m in network.modules() if isinstance(m, BasicBlock | Bottleneck)]
    assert sum(p.numel() for p in network.parameters()) == counts.parameters
    assert sum(p.numel() for norm in norms for p in norm.parameters()) == counts.batch_norm
    assert sum(block.downsample is not None for block in blocks) == counts.projections
    assert _multiply_adds(network) == counts.multiply_adds
    assert len(blocks) == sum(BLOCKS[counts.depth])


def _multiply_adds(network: nn.Module) -> int:
    total = 0

    def count(module: nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal total
        weight = module.get_parameter("weight")
        total += weight.numel() * (output.shape[2] * output.shape[3] if output.dim() == 4 else 1)

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    network.eval()(torch.zeros(1, 3, 224, 224, device="meta"))
    return total


@pytest.mark.parametrize("depth", BLOCKS)
def test_option_b_has_torchvisions_keys_in_its_order_and_shapes(depth: int) -> None:
    with torch.device("meta"):
        theirs = torchvisions(depth).state_dict()
    network = on_meta(depth, "B")
    ours = network.state_dict()
    assert [(key, value.shape) for key, value in ours.items()] == [(key, value.shape) for key, value in theirs.items()]
    assert len(ours) == KEYS[depth]
    assert sum(isinstance(m, nn.Conv2d) for m in network.modules()) == CONVOLUTIONS[depth]
    assert sum(isinstance(m, nn.BatchNorm2d) for m in network.modules()) == CONVOLUTIONS[depth]


@pytest.mark.parametrize(("depth", "stride_in_1x1"), [(18, True), (50, False)])
def test_weights_load_into_torchvision_and_back_and_score_the_same(depth: int, stride_in_1x1: bool) -> None:
    ours, theirs = ImageNetNet(depth, "B", stride_in_1x1=stride_in_1x1), torchvisions(depth)
    initialise(ours, generator(0, "initialisation"))
    theirs.load_state_dict(ours.state_dict(), strict=True)
    images = torch.randn(1, 3, 96, 96, generator=generator(0, "images"))
    with torch.no_grad():
        assert torch.allclose(ours.eval()(images), theirs.eval()(images), rtol=1e-4, atol=1e-5)
    ours.load_state_dict(theirs.state_dict(), strict=True)


def test_the_position_of_the_stride_changes_the_scores_but_no_key() -> None:
    paper, v15 = ImageNetNet(50, "B"), ImageNetNet(50, "B", stride_in_1x1=False)
    initialise(paper, generator(0, "initialisation"))
    v15.load_state_dict(paper.state_dict(), strict=True)
    images = torch.randn(1, 3, 64, 64, generator=generator(0, "images"))
    with torch.no_grad():
        assert not torch.allclose(paper.eval()(images), v15.eval()(images), rtol=1e-2)


@pytest.mark.parametrize("depth", [18, 50])
def test_plain_and_a_share_every_key_and_shape(depth: int) -> None:
    plain, a = (on_meta(depth, shortcut).state_dict() for shortcut in ("none", "A"))
    assert {key: value.shape for key, value in plain.items()} == {key: value.shape for key, value in a.items()}


def test_maps_are_112_56_28_14_and_7() -> None:
    network = on_meta(50, "A").eval()
    sizes = []
    for part in (network.conv1, network.layer1, network.layer2, network.layer3, network.layer4):
        part.register_forward_hook(lambda _module, _inputs, output: sizes.append(tuple(output.shape[1:])))
    assert network(torch.zeros(2, 3, 224, 224, device="meta")).shape == (2, 1000)
    assert sizes == [(64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


def test_conv1_to_conv4_of_resnet_101_hold_91_convolutions_at_stride_16() -> None:
    network = on_meta(101, "A")  # no projections: layers of the main path only
    shared = itertools.chain([network.conv1], *(s.modules() for s in (network.layer1, network.layer2, network.layer3)))
    assert sum(isinstance(module, nn.Conv2d) for module in shared) == 91


def test_option_a_widens_conv2_1_of_a_bottleneck_net_without_a_stride() -> None:
    x = torch.randn(2, 64, 5, 5)
    y = option_a(x, 192, stride=1)
    assert torch.equal(y[:, :64], x)
    assert not y[:, 64:].any()
    first = on_meta(50, "A").layer1[0]
    assert isinstance(first, Bottleneck)
    assert (first.stride, first.added_channels, first.downsample) == (1, 192, None)


@pytest.mark.parametrize("stride_in_1x1", [True, False])
def test_the_stride_is_in_the_chosen_layer(stride_in_1x1: bool) -> None:
    block = on_meta(50, "B", stride_in_1x1=stride_in_1x1).layer2[0]
    assert isinstance(block, Bottleneck)
    assert (block.conv1.stride, block.conv2.stride) == (((2, 2), (1, 1)) if stride_in_1x1 else ((1, 1), (2, 2)))
    assert block.downsample is not None
    assert block.downsample[0].stride == (2, 2)


@pytest.mark.parametrize("shortcut", ["none", "A", "B"])
def test_a_bottleneck_is_three_layers_with_bn_and_the_addition_before_the_last_relu(shortcut: Shortcut) -> None:
    block, x = Bottleneck(256, 128, 2, shortcut), torch.randn(4, 256, 6, 6, requires_grad=True)
    inner = F.relu(block.bn2(block.conv2(F.relu(block.bn1(block.conv1(x))))))
    before_last_relu = block.bn3(block.conv3(inner))
    if shortcut != "none":
        before_last_relu = before_last_relu + block.shortcut(x)
    slow, fast = F.relu(before_last_relu), block(x)
    assert torch.equal(slow, fast)
    flow = torch.randn_like(fast)
    slow_gradients, fast_gradients = (
        torch.autograd.grad(output, [x, *block.parameters()], flow) for output in (slow, fast)
    )
    assert all(map(torch.equal, slow_gradients, fast_gradients))


def test_a_block_without_residual_is_the_identity_and_a_plain_one_is_zero() -> None:
    x = torch.rand(2, 256, 6, 6)
    for shortcut, expected in (("A", x), ("none", torch.zeros_like(x))):
        block = Bottleneck(256, 64, 1, shortcut)  # type: ignore[arg-type]  # the loop's tuple widens the literal
        nn.init.zeros_(block.bn3.weight)
        nn.init.zeros_(block.bn3.bias)
        assert torch.equal(block(x), expected)


def test_a_bottleneck_and_a_basic_block_are_of_similar_complexity() -> None:
    # Fig. 5: a 64-d basic block, a 256-d bottleneck, and one with a projection.
    weights = [
        sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
        for block in (BasicBlock(64, 64, 1, "A"), Bottleneck(256, 64, 1, "A"), Bottleneck(256, 64, 1, "C"))
    ]
    assert weights == [73_728, 69_632, 135_168]


def test_no_convolution_has_a_bias_and_nothing_drops_out() -> None:
    network = on_meta(50, "C")
    assert all(m.bias is None for m in network.modules() if isinstance(m, nn.Conv2d))
    assert not any(isinstance(m, nn.Dropout) for m in network.modules())
    assert all((m.eps, m.momentum) == (1e-5, 0.1) for m in network.modules() if isinstance(m, nn.BatchNorm2d))


def test_another_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="18, 34, 50, 101, 152"):
        ImageNetNet(20, "A")
