"""The plan against the published counts."""

from typing import Any

import pytest

from paper.references import NetworkCounts
from tests.trainer.published_counts import COUNTS, IMAGENET_COUNTS, VGG_MULTIPLY_ADDS
from trainer.plan import plan
from trainer.spec import RunSpec, Shortcut


def spec_of(counts: NetworkCounts, dataset: str = "cifar10") -> RunSpec:
    return RunSpec(depth=counts.depth, shortcut=counts.shortcut, dataset=dataset)


@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_counts_are_the_published_ones(counts: NetworkCounts) -> None:
    network_plan = plan(spec_of(counts))
    assert network_plan.weighted_layers == counts.depth
    assert network_plan.parameters == counts.parameters
    assert network_plan.batch_norm_parameters == counts.batch_norm
    assert network_plan.shortcuts == counts.shortcuts
    assert network_plan.projections == counts.projections
    assert network_plan.multiply_adds == counts.multiply_adds


@pytest.mark.parametrize("counts", IMAGENET_COUNTS, ids=str)
def test_imagenets_counts_are_the_published_ones(counts: NetworkCounts) -> None:
    network_plan = plan(imagenet(counts.depth, counts.shortcut, stride_in_1x1=counts.stride_in_1x1))
    assert network_plan.weighted_layers == counts.depth
    assert network_plan.parameters == counts.parameters
    assert network_plan.batch_norm_parameters == counts.batch_norm
    assert network_plan.shortcuts == counts.shortcuts
    assert network_plan.projections == counts.projections
    assert network_plan.multiply_adds == counts.multiply_adds


def imagenet(depth: int, shortcut: Shortcut, **fields: Any) -> RunSpec:  # Any: a spec's fields
    return RunSpec(depth=depth, shortcut=shortcut, dataset="imagenet", **fields)


def test_resnet_152_is_of_lower_complexity_than_vgg() -> None:
    deepest = plan(imagenet(152, "B")).multiply_adds
    assert deepest < VGG_MULTIPLY_ADDS[16] < VGG_MULTIPLY_ADDS[19]
    # Sec. 3.3: the 34-layer plain net has 18 % of VGG-19's.
    assert plan(imagenet(34, "none")).multiply_adds / VGG_MULTIPLY_ADDS[19] == pytest.approx(0.186, abs=0.001)


def test_rows_of_an_imagenet_net_are_table_1s() -> None:
    rows = plan(imagenet(50, "B")).layers
    assert [row.name for row in rows] == ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    assert [row.output_size for row in rows] == ["112×112", "56×56", "28×28", "14×14", "7×7", "1×1"]
    assert rows[0].blocks == "7×7, 64, stride 2"
    assert rows[1].blocks == "3×3 max pool, stride 2; [1×1, 64; 3×3, 64; 1×1, 256] × 3"
    assert rows[5].blocks == "average pool, 1000-d fc, softmax"
    assert [row.weighted_layers for row in rows] == [1, 9, 12, 18, 9, 1]


def test_rows_add_up_to_the_whole() -> None:
    network_plan = plan(RunSpec(depth=56, shortcut="C", dataset="cifar10"))
    assert [row.name for row in network_plan.layers] == ["conv1", "layer1", "layer2", "layer3", "linear"]
    assert [row.output_size for row in network_plan.layers] == ["32×32", "32×32", "16×16", "8×8", "1×1"]
    assert network_plan.layers[2].blocks == "[3×3, 32; 3×3, 32] × 9"
    assert [row.weighted_layers for row in network_plan.layers] == [1, 18, 18, 18, 1]


def test_a_stage_has_its_blocks_its_stride_and_each_shortcut() -> None:
    stem, two, three, *_, head = plan(imagenet(50, "B")).layers
    assert (stem.convolutions, stem.channels, stem.stride) == (("7×7, 64",), 64, 2)
    assert (two.convolutions, two.channels, two.stride) == (("1×1, 64", "3×3, 64", "1×1, 256"), 256, 1)
    assert two.max_pool == "3×3 max pool, stride 2"
    # 64 to 256 channels at stride 1: a projection in conv2_1 as well.
    assert two.shortcuts == ("projection", "identity", "identity")
    assert (three.stride, three.shortcuts) == (2, ("projection", "identity", "identity", "identity"))
    assert (head.channels, head.convolutions, head.shortcuts) == (1000, (), ())


@pytest.mark.parametrize(
    ("shortcut", "last"), [("none", ()), ("A", ("padding", "identity", "identity")), ("C", ("projection",) * 3)]
)
def test_shortcuts_are_those_of_the_option(shortcut: str, last: tuple[str, ...]) -> None:
    spec = RunSpec.model_validate({"depth": 20, "shortcut": shortcut, "dataset": "cifar10"})
    assert plan(spec).layers[3].shortcuts == last
    assert plan(spec).projections == sum(row.shortcuts.count("projection") for row in plan(spec).layers)


def test_a_data_set_of_your_own_needs_its_number_of_classes() -> None:
    own = RunSpec(depth=20, shortcut="A", dataset="my-birds")
    with pytest.raises(ValueError, match="my-birds is not a built-in data set"):
        plan(own)
    assert plan(own, classes=3).parameters == plan(own, classes=10).parameters - 7 * 65


def test_activations_grow_with_the_batch_and_halve_under_bf16() -> None:
    small, large = (
        plan(RunSpec(depth=20, shortcut="A", dataset="digits", batch_size=size)).memory for size in (64, 128)
    )
    half = plan(RunSpec(depth=20, shortcut="A", dataset="digits", precision="bf16")).memory
    assert large.activations_bytes == 2 * small.activations_bytes == 2 * half.activations_bytes
    assert small.weights_bytes == small.gradients_bytes == small.momentum_bytes == 4 * 269_722


def test_a_device_holds_the_activations_of_its_share_and_all_of_the_weights() -> None:
    single, four = (plan(RunSpec(depth=20, shortcut="A", dataset="cifar10", devices=k)).memory for k in (1, 4))
    assert single.activations_bytes == 4 * four.activations_bytes
    assert single.weights_bytes == four.weights_bytes


def test_resnet_1202_fits_a_device_of_16_gib_and_a_quarter_of_it_with_recomputed_activations() -> None:
    whole, recomputing = (
        plan(RunSpec(depth=1202, shortcut="A", dataset="cifar10", recompute_activations=recomputed))
        for recomputed in (False, True)
    )
    assert 11 * 2**30 < whole.memory_bytes < 16 * 2**30
    assert recomputing.memory_bytes < 2**30 * 1.5
    assert (
        recomputing.memory.activations_bytes
        == whole.recomputed_activations_bytes
        == recomputing.recomputed_activations_bytes
    )
