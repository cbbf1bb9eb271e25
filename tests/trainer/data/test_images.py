"""Split, mean and hash of a data set."""

import pytest
import torch

from trainer.data.images import DecodedDataSet, Images, arrange, content_hash, mean, split
from trainer.failure import Failure

CPU = torch.device("cpu")


def images(count: int, seed: int = 0) -> Images:
    source = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, 3, 32, 32), generator=source).to(torch.uint8)
    return Images(pixels, torch.arange(count) % 10)


def test_split_is_disjoint_complete_and_drawn_from_the_seed() -> None:
    numbered = Images(torch.zeros(500, 1, dtype=torch.uint8), torch.arange(500))
    train, val = split(numbered, 450, seed=3)
    assert val is not None
    assert len(train) == 450
    assert set(train.labels.tolist()) | set(val.labels.tolist()) == set(range(500))
    again, other = split(numbered, 450, seed=3)[0], split(numbered, 450, seed=4)[0]
    assert torch.equal(train.labels, again.labels)
    assert not torch.equal(train.labels, other.labels)


def test_training_on_all_images_leaves_no_validation_set() -> None:
    assert split(images(20), 20, seed=0)[1] is None
    assert split(images(20), None, seed=0)[1] is None


def test_more_images_than_there_are_is_refused() -> None:
    with pytest.raises(Failure, match="train_images is 21, but the data set has only 20"):
        split(images(20), 21, seed=0)


def test_mean_is_per_pixel_and_of_the_training_images_only() -> None:
    decoded = DecodedDataSet(images(50), images(30, seed=1), ("a",) * 10)
    data = arrange(decoded, 40, 0, CPU)
    assert data.mean.shape == (3, 32, 32)
    assert torch.allclose(data.mean, data.train.pixels.double().mean(dim=0).float())
    assert not torch.equal(data.mean, mean(decoded.train.pixels))


def test_hash_changes_with_one_pixel_one_label_or_one_class_name() -> None:
    first = DecodedDataSet(images(5), images(5), ("a", "b"))
    pixels, labels = first.train.pixels.clone(), first.train.labels.clone()
    pixels[4, 2, 31, 31] ^= 1
    labels[0] = 7
    others = [
        DecodedDataSet(Images(pixels, first.train.labels), first.test, first.classes),
        DecodedDataSet(Images(first.train.pixels, labels), first.test, first.classes),
        DecodedDataSet(first.train, first.test, ("a", "c")),
    ]
    assert len({content_hash(decoded) for decoded in [first, *others]}) == 4
    assert content_hash(first) == content_hash(DecodedDataSet(images(5), images(5), ("a", "b")))
