"""The plan against the published counts."""

import pytest

from tests.trainer.published_counts import COUNTS, Counts
from trainer.plan import plan
from trainer.spec import RunSpec


def spec_of(counts: Counts, dataset: str = "cifar10") -> RunSpec:
    return RunSpec(depth=counts.depth, shortcut=counts.shortcut, dataset=dataset)


@pytest.mark.parametrize("counts", COUNTS, ids=lambda counts: f"{counts.depth}-{counts.shortcut}")
def test_counts_are_the_published_ones(counts: Counts) -> None:
    planned = plan(spec_of(counts))
    assert planned.weighted_layers == counts.depth
    assert planned.parameters == counts.parameters
    assert planned.batch_norm_parameters == counts.batch_norm
    assert planned.shortcuts == counts.shortcuts
    assert planned.projections == counts.projections
    assert planned.multiply_adds == counts.multiply_adds


def test_rows_add_up_to_the_whole() -> None:
    planned = plan(RunSpec(depth=56, shortcut="C", dataset="cifar10"))
    assert [row.name for row in planned.layers] == ["conv1", "layer1", "layer2", "layer3", "linear"]
    assert [row.output_size for row in planned.layers] == ["32×32", "32×32", "16×16", "8×8", "1×1"]
    assert planned.layers[2].blocks == "[3×3, 32; 3×3, 32] × 9"
    assert [row.weighted_layers for row in planned.layers] == [1, 18, 18, 18, 1]


def test_a_data_set_of_your_own_needs_its_number_of_classes() -> None:
    own = RunSpec(depth=20, shortcut="A", dataset="my-birds")
    with pytest.raises(ValueError, match="number of classes of my-birds"):
        plan(own)
    assert plan(own, classes=3).parameters == plan(own, classes=10).parameters - 7 * 65


def test_activations_grow_with_the_batch_and_halve_under_bf16() -> None:
    small, large = (
        plan(RunSpec(depth=20, shortcut="A", dataset="digits", batch_size=size)).memory for size in (64, 128)
    )
    half = plan(RunSpec(depth=20, shortcut="A", dataset="digits", precision="bf16")).memory
    assert large.activations_bytes == 2 * small.activations_bytes == 2 * half.activations_bytes
    assert small.weights_bytes == small.gradients_bytes == small.momentum_bytes == 4 * 269_722
