"""Small data sets in the layouts of VOC and COCO, with real JPEGs: rectangles of one colour per class on noise."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Box = tuple[str, int, int, int, int]  # name, left, top, right, bottom
COLOURS = {"cat": (220, 40, 40), "dog": (40, 60, 220)}


def picture(path: Path, size: tuple[int, int], boxes: Sequence[Box], seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    pixels = np.random.default_rng(seed).integers(90, 140, (height, width, 3), dtype=np.uint8)
    for name, left, top, right, bottom in boxes:
        pixels[max(top, 0) : bottom, max(left, 0) : right] = COLOURS.get(name, (40, 200, 40))
    Image.fromarray(pixels).save(path, quality=90)


def annotation(*boxes: Box, difficult: Sequence[bool] = (), head: str = "") -> str:
    """An annotation in VOC's form: pixels are counted from 1, and the last one is included."""
    flags = difficult or [False] * len(boxes)
    objects = "".join(
        f"<object><name>{name}</name><difficult>{int(flag)}</difficult><bndbox><xmin>{left + 1}</xmin>"
        f"<ymin>{top + 1}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>\n"
        for (name, left, top, right, bottom), flag in zip(boxes, flags, strict=True)
    )
    return f"{head}<annotation>\n{objects}</annotation>\n"


class Voc:
    """A year of VOC in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, *boxes: Box, split: str, size: tuple[int, int] = (48, 40), xml: str | None = None) -> Path:
        """An image, its annotation, and its line in a list. Returns the annotation's path."""
        picture(self.folder / "JPEGImages" / f"{name}.jpg", size, boxes, seed=len(name))
        path = self.folder / "Annotations" / f"{name}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(annotation(*boxes) if xml is None else xml)
        listed = self.folder / "ImageSets" / "Main" / f"{split}.txt"
        listed.parent.mkdir(parents=True, exist_ok=True)
        with listed.open("a") as lines:
            lines.write(f"{name}\n")
        return path


def voc(folder: Path) -> Voc:
    """Two images to train on, one of them for validation, and one to test with."""
    made = Voc(folder)
    made.add("a", ("cat", 4, 5, 24, 25), split="train")
    made.add("bb", ("dog", 10, 10, 30, 36), ("cat", 30, 2, 44, 18), split="val")
    made.add("ccc", ("cat", 8, 8, 28, 28), ("dog", 30, 20, 46, 38), split="test")
    (folder / "ImageSets/Main/trainval.txt").write_text("a\nbb\n")
    return made


def coco(root: Path, **changes: Any) -> Path:
    """One image to train on and one to test with; categories 3 and 7. Returns the training annotations' path."""
    paths = {}
    for split, image_id in (("train2017", 10), ("val2017", 20)):
        picture(root / split / f"{image_id}.jpg", (48, 40), [("cat", 4, 5, 24, 25)])
        content = {
            "images": [{"id": image_id, "file_name": f"{image_id}.jpg", "width": 48, "height": 40}],
            "annotations": [
                {"id": 1, "image_id": image_id, "category_id": 3, "bbox": [4, 5, 20, 20], "iscrowd": 0},
                {"id": 2, "image_id": image_id, "category_id": 7, "bbox": [25, 5, 20.5, 20], "iscrowd": 1},
            ],
            "categories": [{"id": 7, "name": "dog", "supercategory": "animal"}, {"id": 3, "name": "cat"}],
        }
        paths[split] = root / "annotations" / f"instances_{split}.json"
        paths[split].parent.mkdir(parents=True, exist_ok=True)
        paths[split].write_text(json.dumps(content | (changes if split == "train2017" else {})))
    return paths["train2017"]
