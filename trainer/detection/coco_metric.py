"""Owns the average precision of COCO, computed by faster-coco-eval, which equals pycocotools. Loads no torch."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.data.annotated.boxes import Detections, Floats, Objects

log = logging.getLogger(__name__)

# The positions of COCO's summary, "AP", "AP at IoU 0.50" and "AP at IoU 0.75"; -1 there means that nothing counts.
AP, AP_50, AP_75 = 0, 1, 2


# The last dimension but one of COCO's table of precisions; "all" is its first.
SIZES = ("small", "medium", "large")
IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True)
class Parts:
    """AP in percent by IoU, in the order of IOUS, and by the objects' size; None if no object counts.

    Small objects have an area below 32² pixels, large ones above 96².
    """

    by_iou: tuple[float | None, ...]
    by_size: dict[str, float | None]


@dataclass(frozen=True)
class CocoScores:
    """Percent; None if no object counts. `ap` is mAP@[.5,.95]; `by_class` has the AP of labels 1, 2, …

    `parts` are those of all classes together, `class_parts` those of each.
    """

    ap: float | None
    ap_50: float | None
    ap_75: float | None
    by_class: tuple[float | None, ...]
    parts: Parts
    class_parts: tuple[Parts, ...]


def score(detections: Sequence[Detections], objects: Sequence[Objects], classes: int) -> CocoScores:
    """The scores over images given in the same order. At most the 100 best detections of an image and class count."""
    from faster_coco_eval import COCO, COCOeval_faster  # on first use: it is needed only where a run evaluates

    truth = COCO(_truth(objects, classes))
    rows = _rows(detections)
    if not len(rows):
        return _nothing_reported(objects, classes)
    evaluation = COCOeval_faster(truth, truth.loadRes(rows), iouType="bbox", print_function=log.debug)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    ap, ap_50, ap_75 = (_percent(float(evaluation.stats[index])) for index in (AP, AP_50, AP_75))
    # Precision by IoU, recall, class and area, for at most 100 detections (the last of its last dimension).
    precision = evaluation.eval["precision"][:, :, :, :, -1]
    by_class = tuple(_percent(_mean(precision[:, :, index, 0])) for index in range(classes))
    class_parts = tuple(_parts(precision[:, :, index : index + 1]) for index in range(classes))
    return CocoScores(ap, ap_50, ap_75, by_class, _parts(precision), class_parts)


def _parts(precision: Floats) -> Parts:
    """The parts of precisions (IoU, recall, class, area)."""
    return Parts(
        by_iou=tuple(_percent(_mean(at)) for at in precision[:, :, :, 0]),
        by_size={size: _percent(_mean(precision[..., area])) for area, size in enumerate(SIZES, 1)},
    )


def _nothing_reported(objects: Sequence[Objects], classes: int) -> CocoScores:
    """The library refuses an empty table of results. An image without objects of a size has no AP for it."""
    counted = [image.boxes[~image.crowd] for image in objects]
    labels = [image.labels[~image.crowd] for image in objects]
    by_label = {
        label: np.concatenate([boxes[own == label] for boxes, own in zip(counted, labels, strict=True)])
        for label in _labels(classes)
    }
    parts = tuple(_zeros(boxes) for boxes in by_label.values())
    total = _zeros(np.concatenate(list(by_label.values())))
    every = total.by_iou[0]
    return CocoScores(every, every, every, tuple(part.by_iou[0] for part in parts), total, parts)


def _zeros(boxes: Floats) -> Parts:
    """The parts where nothing was found of objects (N, 4)."""
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    present = (areas < 32**2, (areas >= 32**2) & (areas < 96**2), areas >= 96**2)
    return Parts(
        by_iou=(0.0 if len(boxes) else None,) * len(IOUS),
        by_size={size: 0.0 if some.any() else None for size, some in zip(SIZES, present, strict=True)},
    )


def _labels(classes: int) -> range:
    return range(1, classes + 1)


def _truth(objects: Sequence[Objects], classes: int) -> dict[str, list[dict[str, object]]]:
    """The annotation file that COCO's tools read. Ids count from 1: 0 means "unmatched" in the matcher."""
    annotations: list[dict[str, object]] = []
    for image_id, image in enumerate(objects, 1):
        for box, label, is_crowd in zip(image.boxes, image.labels, image.crowd, strict=True):
            left, top, right, bottom = (float(side) for side in box)
            width, height = right - left, bottom - top
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": int(label),
                    "bbox": [left, top, width, height],
                    "area": width * height,
                    "iscrowd": int(is_crowd),
                }
            )
    return {
        "info": [],
        "images": [{"id": image_id} for image_id in range(1, len(objects) + 1)],
        "annotations": annotations,
        "categories": [{"id": label, "name": str(label)} for label in _labels(classes)],
    }


def _rows(detections: Sequence[Detections]) -> Floats:
    """COCO's table of results (N, 7): image, left, top, width, height, score, class."""
    rows = []
    for number, image in enumerate(detections, 1):
        sizes = image.boxes[:, 2:] - image.boxes[:, :2]
        columns = (np.full(len(image.scores), number), image.boxes[:, :2], sizes, image.scores, image.labels)
        rows.append(np.column_stack(columns))
    return np.concatenate(rows) if rows else np.zeros((0, 7))


def _mean(precision: Floats) -> float:
    """The mean over what counts, -1 if nothing does."""
    counted = precision[precision > -1]
    return float(counted.mean()) if counted.size else -1.0


def _percent(share: float) -> float | None:
    return None if share < 0 else 100 * share
