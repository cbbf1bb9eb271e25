"""Evaluation: detections in the images' own pixels, and the mAP that a specification asks for."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.trainer.detection.conftest import small_spec
from trainer.data.annotated.boxes import Detections
from trainer.data.annotated.splits import AnnotatedImage
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import detect, score
from trainer.detection.network.detector import build
from trainer.detection.spec import ApForm, DetectionSpec
from trainer.process.supervision import Stop

Load = Callable[[DetectionSpec], DetectionData]


def exact(image: AnnotatedImage) -> Detections:
    """Every object, where it is."""
    return Detections(image.objects.boxes, np.ones(len(image.objects)), image.objects.labels)


@pytest.mark.parametrize("form", ["voc07", "area", "coco"])
def test_exact_detections_score_100(shapes_data: Load, form: ApForm) -> None:
    data = shapes_data(small_spec())
    images = data.splits.test
    scores = score(form, [exact(image) for image in images], images, data.classes)
    assert (scores.map, scores.map_50, scores.map_50_95) == pytest.approx((100, 100, 100))
    assert scores.ap == pytest.approx({"cat": 100, "dog": 100})
    assert (scores.images, scores.detections) == (6, 12)


def test_map_is_the_mean_over_classes_that_have_objects(shapes_data: Load) -> None:
    data = shapes_data(small_spec())
    images = data.splits.test
    cats = [exact(image).of(1) for image in images]
    scores = score("area", cats, images, ("cat", "dog", "bird"))
    assert scores.ap == {"cat": 100, "dog": 0, "bird": None}
    assert scores.map == 50


def test_detections_are_in_the_pixels_of_the_image_whatever_the_scale(shapes_data: Load) -> None:
    spec = small_spec(side=96, longest=200, test={"min_score": 0.0, "most": 5})
    data = shapes_data(spec)
    detector = build(spec, 2)
    detector.train()
    reported = detect(detector, spec, data, data.splits.test[:2], Stop())
    assert reported is not None
    boxes = np.concatenate([each.boxes for each in reported])
    assert len(boxes) > 0
    assert boxes[:, 2].max() <= 96.01
    assert boxes[:, 3].max() <= 64.01
    assert boxes[:, 2].max() > 60  # and not of a third of it
    assert detector.training
    assert torch.is_grad_enabled()


def test_a_stop_discards_an_evaluation(shapes_data: Load) -> None:
    spec = small_spec()
    data = shapes_data(spec)
    stop = Stop()
    stop.is_requested = True
    assert detect(build(spec, 2), spec, data, data.splits.test, stop) is None
