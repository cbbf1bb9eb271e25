"""Order and augmentation against sec. 4.2, and against the promise that both are functions of the seed."""

from collections import Counter

import torch

from tests.trainer.conftest import small_spec
from trainer.data.batches import Batches, augment, choices
from trainer.data.images import Data, Images, normalise
from trainer.spec import RunSpec


def numbered(count: int) -> Data:
    """Images whose every pixel is their number."""
    pixels = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32).contiguous()
    images = Images(pixels, torch.arange(count))
    return Data(images, None, images, ("a", "b"), torch.zeros(3, 32, 32), "", ())


def test_an_epoch_is_a_permutation_and_batches_run_on_into_the_next() -> None:
    batches = Batches(small_spec(batch_size=16), numbered(40))
    indices = torch.cat([batches.indices(iteration) for iteration in range(1, 6)])
    assert sorted(indices[:40].tolist()) == list(range(40))
    assert sorted(indices[40:80].tolist()) == list(range(40))
    assert indices[:40].tolist() != indices[40:80].tolist()


def test_a_batch_larger_than_the_data_set_spans_epochs() -> None:
    indices = Batches(small_spec(batch_size=100), numbered(30)).indices(1).tolist()
    assert [sorted(indices[start : start + 30]) for start in (0, 30, 60)] == [list(range(30))] * 3


def test_an_iteration_is_the_same_whatever_came_before_it() -> None:
    spec, data = small_spec(batch_size=16), numbered(40)
    batches = Batches(spec, data)
    for iteration in range(1, 8):
        inputs, labels = batches.at(iteration)
        fresh_inputs, fresh_labels = Batches(spec, data).at(iteration)
        assert torch.equal(inputs, fresh_inputs)
        assert torch.equal(labels, fresh_labels)


def test_another_seed_is_another_order() -> None:
    first, other = (Batches(small_spec(seed=seed), numbered(40)).indices(1).tolist() for seed in (1, 2))
    assert first != other


def test_the_crop_has_81_offsets_and_half_of_the_images_are_mirrored() -> None:
    spec = small_spec(batch_size=8192)
    top, left, mirrored = choices(spec, 1)
    offsets = Counter(zip(top.tolist(), left.tolist(), strict=True))
    assert set(offsets) == {(y, x) for y in range(9) for x in range(9)}
    assert 50 < min(offsets.values()) <= max(offsets.values()) < 160  # 101 expected
    assert 0.47 < mirrored.float().mean() < 0.53


def test_digits_are_cropped_and_never_mirrored() -> None:
    spec = RunSpec(depth=8, shortcut="A", dataset="digits", batch_size=512)
    top, _, mirrored = choices(spec, 1)
    assert len(set(top.tolist())) == 9
    assert not mirrored.any()


def test_augmentation_equals_the_slow_way_image_by_image() -> None:
    inputs = torch.randn(64, 3, 32, 32)
    top, left, mirrored = choices(small_spec(batch_size=64), 3)
    fast = augment(inputs, top, left, mirrored)
    for image, y, x, flip, result in zip(inputs, top, left, mirrored, fast, strict=True):
        padded = torch.zeros(3, 40, 40)
        padded[:, 4:36, 4:36] = image
        crop = padded[:, int(y) : int(y) + 32, int(x) : int(x) + 32]
        assert torch.equal(result, crop.flip(2) if flip else crop)


def test_padding_is_zero_after_the_mean_is_subtracted() -> None:
    mean = torch.full((3, 32, 32), 100.0)
    inputs = normalise(torch.full((1, 3, 32, 32), 130, dtype=torch.uint8), mean)
    corner = augment(inputs, torch.tensor([0]), torch.tensor([0]), torch.tensor([False]))
    assert set(corner.flatten().tolist()) == {0.0, 30.0}
    assert not corner[:, :, :4].any()


def test_no_augmentation_leaves_the_image_as_it_is() -> None:
    data = numbered(40)
    inputs, labels = Batches(small_spec(augment="none"), data).at(1)
    assert torch.equal(inputs, data.train.pixels[labels].float())
