"""Owns the file of a test's detections: every box with its outcome, and every object, for pictures. Loads no torch.

A safetensors file, so that it is compact and is read without torch; docs/detection.md lists its tensors.
"""

import json
from collections.abc import Sequence

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from trainer.data.annotated.boxes import Detections
from trainer.data.annotated.splits import AnnotatedImage
from trainer.detection.finished.outcomes import Judged

FILE = "detections.safetensors"
# `object_kinds`: a detection of a difficult object or in a crowd is neither right nor wrong.
COUNTS, DIFFICULT, CROWD = 0, 1, 2


def content(
    images: Sequence[AnnotatedImage],
    reported: Sequence[Detections],
    judged: Sequence[Judged],
    classes: Sequence[str],
) -> bytes:
    """The file, of images, detections and outcomes in the same order."""
    objects = [image.objects for image in images]
    first_object = _starts([len(each) for each in objects])
    # Positions within an image become rows of the file.
    rows = [
        np.where(each.objects < 0, -1, each.objects + start)
        for each, start in zip(judged, first_object[:-1], strict=True)
    ]
    kinds = [np.where(each.crowd, CROWD, np.where(each.difficult, DIFFICULT, COUNTS)) for each in objects]
    tensors = {
        "first_detection": _starts([len(each.scores) for each in reported]),
        "boxes": _joined([each.boxes for each in reported], np.float32, (0, 4)),
        "scores": _joined([each.scores for each in reported], np.float32),
        "labels": _joined([each.labels for each in reported], np.int16),
        "outcomes": _joined([each.outcomes for each in judged], np.uint8),
        "objects": _joined(rows, np.int32),
        "first_object": first_object,
        "object_boxes": _joined([each.boxes for each in objects], np.float32, (0, 4)),
        "object_labels": _joined([each.labels for each in objects], np.int16),
        "object_kinds": _joined(kinds, np.uint8),
    }
    metadata = {
        "classes": json.dumps(classes, ensure_ascii=False),
        "images": json.dumps([[image.path, image.width, image.height] for image in images], ensure_ascii=False),
    }
    return safetensors.numpy.save(tensors, metadata)


def _starts(counts: Sequence[int]) -> NDArray[np.int64]:
    """Where each image's rows start, and where the last one's end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _joined(parts: Sequence[NDArray[np.generic]], kind: type, empty: tuple[int, ...] = (0,)) -> NDArray[np.generic]:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(empty, kind)
