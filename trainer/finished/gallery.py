"""Owns the gallery of wrongly classified test images: some of each cell of the confusion matrix, as small pictures."""

from collections import Counter
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from trainer.data import sheet

COLUMNS = 25
MOST_OF_A_CELL = 12
MOST = 1200  # of 100 classes, a poor network fills thousands of cells


@dataclass(frozen=True)
class Mistake:
    """A wrongly classified image by its position in the test set, from 0, and what the network made of it."""

    image: int
    label: int
    prediction: int
    probability: float  # of the predicted class
    label_probability: float


class Gallery:
    """Keeps the first mistakes of each cell in the test set's order, and their pixels."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._tiles: list[Image.Image] = []
        self._of_cell = Counter[tuple[int, int]]()
        self._images = 0

    def add(self, pixels: Tensor, scores: Tensor, labels: Tensor) -> None:
        """One view uint8 (N, 3, H, W), probabilities (N, classes) and labels (N,)."""
        predictions = scores.argmax(dim=1)
        for index in (predictions != labels).nonzero().flatten().tolist():
            label, prediction = int(labels[index]), int(predictions[index])
            self._of_cell[label, prediction] += 1
            if self._of_cell[label, prediction] > MOST_OF_A_CELL or len(self.mistakes) == MOST:
                continue
            probabilities = float(scores[index, prediction]), float(scores[index, label])
            self.mistakes.append(Mistake(self._images + index, label, prediction, *probabilities))
            self._tiles.append(_tile(pixels[index]))
        self._images += len(labels)

    @property
    def tile_px(self) -> int:
        return self._tiles[0].width if self._tiles else 0

    def png(self) -> bytes | None:
        """The mistakes' images in their order, COLUMNS a row; None if every image was classified correctly."""
        rows = [self._tiles[first : first + COLUMNS] for first in range(0, len(self._tiles), COLUMNS)]
        return sheet.png(rows, COLUMNS, self.tile_px) if rows else None


def _tile(pixels: Tensor) -> Image.Image:
    """A 32×32 image as the network sees it; a photograph smaller."""
    image = Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy())
    return sheet.tile(image, min(sheet.TILE, *image.size))
