"""Owns the summary of an annotated data set: images, boxes by class, sizes. Loads no torch."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from trainer.data.annotated.splits import AnnotatedImage, AnnotatedSplits


def of(splits: AnnotatedSplits) -> dict[str, object]:
    """The data set in numbers, ready for JSON."""
    return {
        "classes": splits.classes,
        "train_images": len(splits.train),
        "test_images": len(splits.test),
        "train_boxes": _boxes(splits.classes, splits.train),
        "test_boxes": _boxes(splits.classes, splits.test),
        "median_side": _median_sides(splits.classes, (*splits.train, *splits.test)),
        "largest_image": max((image.width, image.height) for image in (*splits.train, *splits.test)),
        "data_hash": splits.hash,
        "warnings": splits.warnings,
    }


def _boxes(classes: Sequence[str], images: Sequence[AnnotatedImage]) -> dict[str, int]:
    """How many boxes each class has."""
    counts = Counter(int(label) for image in images for label in image.objects.labels)
    return {name: counts[label] for label, name in enumerate(classes, 1)}


def _median_sides(classes: Sequence[str], images: Sequence[AnnotatedImage]) -> dict[str, float | None]:
    """The median of the root of the boxes' area, in pixels, by class."""
    boxes = np.concatenate([image.objects.boxes for image in images])
    labels = np.concatenate([image.objects.labels for image in images])
    sides = np.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))
    by_class = {name: sides[labels == label] for label, name in enumerate(classes, 1)}
    return {name: round(float(np.median(own)), 1) if len(own) else None for name, own in by_class.items()}
