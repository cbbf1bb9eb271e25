"""Owns the sheet of sample images that a run on a built-in data set leaves for the dashboard."""

from pathlib import Path

from PIL import Image

from trainer.data import sheet
from trainer.data.images import Data, Images
from trainer.data.photographs import PhotographData, Photographs
from trainer.events import Sampled
from trainer.files.sealed import write_bytes


def draw(data: Data | PhotographData, file: Path) -> Sampled:
    """Writes a PNG with a row for each of the first classes: some of the run's training images."""
    labels = range(sheet.rows(len(data.classes)))
    write_bytes(file, sheet.png([_tiles(data.train, label) for label in labels], sheet.SAMPLES))
    return Sampled(file=file.name, classes=list(data.classes))


def _tiles(images: Images | Photographs, label: int) -> list[Image.Image]:
    indices = (images.labels == label).nonzero().flatten()
    if isinstance(images, Photographs):
        return sheet.decodable(images.root, (images.paths[index] for index in indices.tolist()))
    pixels = images.pixels[indices[: sheet.SAMPLES]].permute(0, 2, 3, 1).cpu().numpy()
    return [sheet.tile(Image.fromarray(image)) for image in pixels]
