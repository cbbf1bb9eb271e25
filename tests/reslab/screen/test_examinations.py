"""What the command prints of a detector's test and of the objects in a picture."""

from typing import Any

from reslab.client.schema import DetectionReport, Examination, PredictedObjects
from reslab.screen.examinations import result

REPORT: dict[str, Any] = {
    "dataset": "cells",
    "is_the_data_trained_on": False,
    "refine": False,
    "vote": False,
    "sides": [],
    "images": 72,
    "detections": 3,
    "images_per_s": 0.2,
    "form": "voc07",
    "map": 47.458,
    "map_50": 47.458,
    "map_50_95": 21.29,
    "ious": [],
    "map_by_iou": [],
    "map_by_size": {},
    "recalls": [],
    "classes": [
        {"class": "RBC", "objects": 805, "ap": 56.414, "precision": [], "score": []},
        {"class": "none", "objects": 0, "ap": None, "precision": [], "score": []},
    ],
}


def test_a_detectors_test_is_printed_class_by_class() -> None:
    assert printed(DetectionReport.model_validate(REPORT)).splitlines() == [
        "test mAP 47.46 % (voc07) of 72 images of cells",
        "  mAP@.5 47.46, mAP@[.5,.95] 21.29",
        "  RBC: 56.41",
        "  none: no objects",
        "  this copy of cells differs from the one that the weights were trained on",
    ]


def test_the_objects_of_a_picture_are_printed_with_score_and_box() -> None:
    cell = {"class": "RBC", "score": 0.875, "box": [1.2, 2.0, 30.7, 40.0]}
    report = PredictedObjects.model_validate({"width": 64, "height": 48, "detections": [cell]})
    assert printed(report) == "  87.50%  RBC  1, 2, 31, 40"


def printed(report: DetectionReport | PredictedObjects) -> str:
    fields: dict[str, Any] = {"result": report}
    return result(Examination.model_construct(**fields))
