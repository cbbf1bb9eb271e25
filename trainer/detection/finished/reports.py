"""Owns the reports on finished detectors: the test of a data set, the objects in a picture, an exported file."""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from trainer.data import library
from trainer.data.annotated.boxes import Detections
from trainer.data.annotated.splits import AnnotatedImage
from trainer.data.decoding import decode
from trainer.data.loaders import Loaders, PendingPixels
from trainer.detection import coco_metric
from trainer.detection.data import DetectionData
from trainer.detection.evaluation import DetectionScores, event, score
from trainer.detection.finished import detections, model, outcomes
from trainer.detection.finished.export import export as write
from trainer.detection.finished.model import DetectionModel
from trainer.detection.pictures import resized, scaled, shape
from trainer.detection.testing import image as test
from trainer.detection.testing.method import Method
from trainer.failure import Failure
from trainer.finished.reports import Attachment, Report
from trainer.identity import versions
from trainer.process import device

if TYPE_CHECKING:
    from trainer.detection.finished.outcomes import Judged
    from trainer.finished.options import DetectOptions, ExportOptions, PredictOptions, WeightsOptions

PREPARED = 2  # images that are decoded for each loader while the detectors work
PROGRESS_SECONDS = 5.0
log = logging.getLogger(__name__)


def detect(options: "DetectOptions") -> Report:
    """The average precision of detectors' weights, alone or as an ensemble, and their detections as an attachment."""
    models = _models(options)
    first, method = models[0], Method(options.refine, options.vote, tuple(sorted(set(options.sides))))
    spec = first.spec.model_copy(update={"dataset": options.dataset or first.spec.dataset})
    count = device.loaders(1) if options.loaders is None else options.loaders
    with closing(Loaders(count)) as loaders:
        data = library.annotated(spec, options.data, options.folder, first.member.mean.device, loaders)
        _refuse_other_classes(models, data)
        images, began = data.splits.test, monotonic()
        reported = list(_log_progress(_detections(models, method, data, images), len(images)))
    speed = len(images) / max(monotonic() - began, 1e-9)
    scores = score(spec.ap, reported, images, data.classes)
    judged = [outcomes.judge(each, image.objects) for each, image in zip(reported, images, strict=True)]
    content = {
        "weights": [each.describe() for each in models],
        "dataset": spec.dataset,
        "data_hash": data.hash,
        "is_the_data_trained_on": {each.metadata["data_hash"] for each in models} == {data.hash},
        "versions": versions(),
        "refine": method.refine,
        "vote": method.vote,
        "sides": list(method.sides),
        "images": len(images),
        "detections": scores.detections,
        "images_per_s": speed,
        **_scores(spec.ap, scores, reported, judged, data),
    }
    file = detections.content(images, reported, judged, data.classes)
    return Report(
        first.iteration,
        content,
        event(first.iteration, "test", scores, speed),
        Attachment(detections.FILE, "detections", "safetensors", file),
    )


def predict(options: "PredictOptions") -> Report:
    """The objects in a picture, the likeliest first."""
    (only,) = _models(options)
    picture = decode(options.image, str(options.image))
    objects = test.detect([only.member], picture.size, lambda size: resized(picture, size), Method())
    content = {
        "weights": only.describe(),
        "image": str(options.image),
        "width": picture.width,
        "height": picture.height,
        "detections": [
            {"class": only.classes[label - 1], "score": value, "box": [round(side, 2) for side in box]}
            for box, value, label in zip(
                objects.boxes.tolist(), objects.scores.tolist(), objects.labels.tolist(), strict=True
            )
        ],
    }
    return Report(only.iteration, content)


def export(options: "ExportOptions") -> Report:
    """The weights in another format."""
    (only,) = _models(options)
    name = f"{only.spec.name}-{only.spec.dataset}-{only.iteration}.{options.to}"
    path = options.out or only.path.with_name(name)
    file = write(only, options.to, path)
    content = {
        "weights": only.describe(),
        "file": str(path),
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
    }
    return Report(only.iteration, content)


def _models(options: "WeightsOptions") -> list[DetectionModel]:
    """The detectors, on the chosen device. Raises Failure(`invalid`) if their classes differ."""
    target = device.choose(options.device)
    models = [model.load(path, target) for path in options.weights]
    device.prepare(models[0].spec, options.threads, models[0].spec.devices)
    for other in models[1:]:
        if other.classes != models[0].classes:
            raise Failure("invalid", f"{other.path} detects other classes than {models[0].path}.")
    return models


def _refuse_other_classes(models: Sequence[DetectionModel], data: DetectionData) -> None:
    first = models[0]
    if first.classes != data.classes:
        raise Failure(
            "invalid",
            f"The data set has the classes {_first_few(data.classes)}, but {first.path} detects "
            f"{_first_few(first.classes)}.",
        )


def _first_few(classes: Sequence[str]) -> str:
    return ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")


def _detections(
    models: Sequence[DetectionModel], method: Method, data: DetectionData, images: Sequence[AnnotatedImage]
) -> Iterator[Detections]:
    """The detections of each image, which is decoded ahead at every size that some network needs."""
    members = [each.member for each in models]

    def start(image: AnnotatedImage) -> dict[test.Size, PendingPixels]:
        sizes = test.sizes(members, (image.width, image.height), method)
        start_pixels = data.loaders.start_pixels
        return {size: start_pixels(shape(size), scaled, data.splits.root, image, size) for size in sizes}

    begun = (start(image) for image in images)
    waiting = deque(islice(begun, data.loaders.count * PREPARED))
    for image in images:
        waiting.extend(islice(begun, 1))
        pixels = {size: pending.result() for size, pending in waiting.popleft().items()}
        yield test.detect(members, (image.width, image.height), pixels.__getitem__, method)


def _scores(
    form: str,
    scores: DetectionScores,
    reported: Sequence[Detections],
    judged: Sequence["Judged"],
    data: DetectionData,
) -> dict[str, object]:
    """Average precision in percent, of all classes and of each, by IoU and size (COCO's rule), with its curves."""
    objects = [image.objects for image in data.splits.test]
    coco = scores.coco
    labels = np.concatenate([image.labels[image.to_train_on] for image in objects])
    curves = [outcomes.curve(reported, judged, objects, label) for label in range(1, len(data.classes) + 1)]
    return {
        "form": form,
        "map": scores.map,
        "map_50": scores.map_50,
        "map_50_95": scores.map_50_95,
        "ious": coco_metric.IOUS,
        "map_by_iou": coco.parts.by_iou,
        "map_by_size": coco.parts.by_size,
        "recalls": outcomes.RECALLS,
        "classes": [
            {
                "class": name,
                "objects": int((labels == index + 1).sum()),
                "ap": scores.ap[name],
                "ap_by_iou": coco.class_parts[index].by_iou,
                "ap_by_size": coco.class_parts[index].by_size,
                "precision": curves[index].precision,
                "score": curves[index].score,
            }
            for index, name in enumerate(data.classes)
        ],
    }


def _log_progress(results: Iterator[Detections], count: int) -> Iterator[Detections]:
    logged_s = monotonic()
    for number, result in enumerate(results, start=1):
        yield result
        if monotonic() - logged_s > PROGRESS_SECONDS:
            logged_s = monotonic()
            log.info("%d of %d images done", number, count)
