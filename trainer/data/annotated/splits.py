"""Owns the common form of annotated data sets: the images of each split, with the boxes of their objects. No torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.data.annotated.boxes import Objects
from trainer.manifest import BadDataSet


@dataclass(frozen=True)
class AnnotatedImage:
    """`path` is relative to the data set's root, with forward slashes; `width` and `height` are in pixels."""

    path: str
    width: int
    height: int
    objects: Objects


@dataclass(frozen=True)
class AnnotatedSplits:
    """A data set as a run uses it. `warnings` are shown to the user who trains on it."""

    root: Path
    classes: tuple[str, ...]  # the first has the label 1
    train: tuple[AnnotatedImage, ...]
    val: tuple[AnnotatedImage, ...]  # empty unless the run keeps validation images apart
    test: tuple[AnnotatedImage, ...]
    hash: str  # SHA-256 over the sorted lines "path<tab>sha256" of images, annotations and lists, in hex
    warnings: tuple[str, ...] = ()


def refuse_shared_images(train: Sequence[AnnotatedImage], test: Sequence[AnnotatedImage]) -> None:
    """Raise BadDataSet if an image is trained on and tested with."""
    for path in sorted({image.path for image in train} & {image.path for image in test}):
        raise BadDataSet(f"{path} is in the training set and in the test set. Remove it from one of them.")


def trainable(train: Sequence[AnnotatedImage]) -> tuple[AnnotatedImage, ...]:
    """The images with an object to learn from; py-faster-rcnn leaves the others out as well. Raises BadDataSet."""
    kept = tuple(image for image in train if image.objects.to_train_on.any())
    if not kept:
        raise BadDataSet("The training set has no boxes to learn from.")
    return kept


def split_warnings(
    classes: Sequence[str], train: Sequence[AnnotatedImage], test: Sequence[AnnotatedImage]
) -> Iterator[str]:
    """What a user should know of the splits: images without objects, and classes that cannot be learned or tested."""
    empty = sum(not image.objects.to_train_on.any() for image in train)
    if empty:
        yield f"{_images_are_left_out(empty)} of training: without an object there is nothing to learn from."
    trained, tested = _labels(train), _labels(test)
    for labels, remark in (
        ({*tested} - {*trained}, "has boxes in the test set only, so it can't be learned and counts as an AP of 0"),
        ({*trained} - {*tested}, "has boxes in the training set only, so it has no AP"),
    ):
        names = [classes[label - 1] for label in sorted(labels)]
        if len(names) == 1:
            yield f"Class {names[0]!r} {remark}."
        elif names:
            listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            yield f"Each of {len(names)} classes ({listed}) {remark}."


def _labels(images: Sequence[AnnotatedImage]) -> set[int]:
    return {int(label) for image in images for label in image.objects.labels[image.objects.to_train_on]}


def _images_are_left_out(count: int) -> str:
    return "1 image is left out" if count == 1 else f"{count:,} images are left out"
