"""What is drawn inside the network: a function of seed, iteration and image, and nothing else."""

import torch

from trainer.detection.network.chance import Chance, Dropout, Sampler

LABELS = torch.tensor([1.0] * 40 + [0.0] * 100 + [-1.0] * 60)


def sample(seed: int = 0, iteration: int = 1, first: int = 0, images: int = 1) -> list[tuple[list[int], list[int]]]:
    chance = Chance(seed)
    chance.iteration, chance.first = iteration, first
    masks = Sampler(32, 0.25, chance, "anchors")([LABELS] * images)
    return [(p.nonzero()[:, 0].tolist(), n.nonzero()[:, 0].tolist()) for p, n in zip(*masks, strict=True)]


def test_positives_are_at_most_their_share_and_negatives_fill_up() -> None:
    ((positive, negative),) = sample()
    assert (len(positive), len(negative)) == (8, 24)
    assert max(positive) < 40 <= min(negative) <= max(negative) < 140


def test_few_positives_leave_more_places_to_negatives() -> None:
    chance = Chance(0)
    (positive,), (negative,) = Sampler(32, 0.25, chance, "anchors")([torch.tensor([1.0, 1.0] + [0.0] * 100)])
    assert (int(positive.sum()), int(negative.sum())) == (2, 30)


def test_a_sample_depends_on_seed_iteration_and_image_alone() -> None:
    torch.manual_seed(1)
    first = sample()
    torch.manual_seed(2)
    assert sample() == first
    assert sample(seed=1) != first
    assert sample(iteration=2) != first
    assert sample(images=2)[0] == first[0] != sample(images=2)[1]


def test_an_image_is_sampled_alike_on_one_device_and_on_two() -> None:
    assert sample(images=2)[1] == sample(first=1)[0]


def test_dropout_drops_half_in_training_only_and_again_the_same() -> None:
    chance = Chance(0)
    dropout = Dropout(chance, "fc6")
    features = torch.ones(8, 1000)
    dropped = dropout(features)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert 0.45 < (dropped == 0).float().mean() < 0.55
    assert torch.equal(dropped, dropout(features))
    chance.iteration = 1
    assert not torch.equal(dropped, dropout(features))
    assert torch.equal(dropout.eval()(features), features)
