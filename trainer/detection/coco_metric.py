"""Owns the average precision of COCO, computed by faster-coco-eval, which equals pycocotools. Loads no torch."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.data.annotated.boxes import Detections, Floats, Objects

log = logging.getLogger(__name__)

# The positions of COCO's summary, "AP", "AP at IoU 0.50" and "AP at IoU 0.75"; -1 there means that nothing counts.
AP, AP_50, AP_75 = 0, 1, 2


@dataclass(frozen=True)
class CocoScores:
    """Percent; None if no object counts. `ap` is mAP@[.5,.95]; `by_class` has the AP of labels 1, 2, …"""

    ap: float | None
    ap_50: float | None
    ap_75: float | None
    by_class: tuple[float | None, ...]


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
    # Precision by IoU, recall, class, area ("all" is first), most detections (100 is last).
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    return CocoScores(ap, ap_50, ap_75, tuple(_percent(_mean(precision[:, :, index])) for index in range(classes)))


def _nothing_reported(objects: Sequence[Objects], classes: int) -> CocoScores:
    """The library refuses an empty table of results."""
    labels = {int(label) for image in objects for label in image.labels[~image.crowd]}
    total = 0.0 if labels else None
    return CocoScores(total, total, total, tuple(0.0 if label in labels else None for label in _labels(classes)))


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
    return float(precision.mean()) if (precision > -1).all() else -1.0


def _percent(share: float) -> float | None:
    return None if share < 0 else 100 * share
