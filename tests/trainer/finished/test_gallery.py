"""The gallery keeps a bounded number of mistakes, in the test set's order over all batches."""

import io

import torch
from PIL import Image

from trainer.finished import gallery
from trainer.finished.gallery import Gallery


def batch(labels: list[int], predictions: list[int], side: int = 32) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    scores = torch.full((len(labels), 3), 0.2)
    scores[torch.arange(len(labels)), torch.tensor(predictions)] = 0.6
    return torch.full((len(labels), 3, side, side), 7, dtype=torch.uint8), scores, torch.tensor(labels)


def test_positions_count_on_over_batches_and_right_answers_are_left_out() -> None:
    kept = Gallery()
    kept.add(*batch([0, 1], [0, 2]))
    kept.add(*batch([2, 2], [2, 0]))
    assert [(item.image, item.label, item.prediction) for item in kept.mistakes] == [(1, 1, 2), (3, 2, 0)]
    assert (round(kept.mistakes[0].probability, 3), round(kept.mistakes[0].label_probability, 3)) == (0.6, 0.2)


def test_a_cell_keeps_its_first_mistakes_and_a_photograph_becomes_small() -> None:
    kept = Gallery()
    kept.add(*batch([0] * 100, [1] * 100, side=224))
    assert [item.image for item in kept.mistakes] == list(range(gallery.MOST_OF_A_CELL))
    content = kept.png()
    assert content is not None
    assert Image.open(io.BytesIO(content)).size == (gallery.COLUMNS * 64, 64)


def test_without_a_mistake_there_is_no_picture() -> None:
    kept = Gallery()
    kept.add(*batch([0, 1], [0, 1]))
    assert kept.png() is None
