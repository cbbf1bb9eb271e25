"""The data sets that need no download."""

import pytest
import torch

from trainer.catalog import BUILT_IN
from trainer.data import digits, synthetic
from trainer.data.images import content_hash


@pytest.mark.parametrize(("name", "load"), [("digits", digits.load), ("synthetic", synthetic.load)])
def test_images_are_as_many_as_the_catalog_says(name: str, load: object) -> None:
    decoded = load()  # type: ignore[operator]  # either of the two loaders
    about = BUILT_IN[name]
    assert (len(decoded.train), len(decoded.test)) == (about.train_images, about.test_images)
    assert len(decoded.classes) == about.classes
    assert decoded.train.pixels.shape[1:] == (3, 32, 32)
    assert set(decoded.train.labels.tolist()) == set(decoded.test.labels.tolist()) == set(range(about.classes))


def test_digits_are_grey_and_use_the_whole_range() -> None:
    pixels = digits.load().train.pixels
    assert torch.equal(pixels[:, 0], pixels[:, 2])
    assert (int(pixels.min()), int(pixels.max())) == (0, 255)


def test_synthetic_is_the_same_on_every_machine() -> None:
    assert content_hash(synthetic.load()) == "5d5550f301ffc46dfabcabc13238089be81b6e0d98e8bccb2f237f9093842e26"
