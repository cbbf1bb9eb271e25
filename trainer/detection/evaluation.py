"""Owns the evaluation of a detector on a split: its detections, and their average precision."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from trainer.data.annotated.boxes import Detections
from trainer.data.annotated.splits import AnnotatedImage
from trainer.data.decoding import Pixels
from trainer.detection import coco_metric, voc_metric
from trainer.detection.coco_metric import CocoScores
from trainer.detection.data import DetectionData, to_input
from trainer.detection.network.detector import Detector
from trainer.detection.network.inputs import Inputs, stack
from trainer.detection.network.regions import Detected
from trainer.detection.pictures import scaled, scaled_size, shape
from trainer.detection.spec import ApForm, DetectionSpec
from trainer.events import DetectionEvaluated, Split
from trainer.process.device import autocast
from trainer.process.ranks import ALONE, Ranks
from trainer.process.supervision import Stop

PREPARED = 2  # images that are decoded for each loader while the detector works


@dataclass(frozen=True)
class DetectionScores:
    """Percent. `map` is the mean of `ap`, the APs of the classes that have objects, in the specification's form.

    For the forms of VOC, AP is at IoU 0.5; for COCO's, the mean over IoU 0.5, 0.55 … 0.95, as `map_50_95` always is.
    """

    map: float
    map_50: float
    map_50_95: float
    ap: dict[str, float | None]
    images: int
    detections: int
    coco: CocoScores


def detect(
    detector: Detector,
    spec: DetectionSpec,
    data: DetectionData,
    images: Sequence[AnnotatedImage],
    stop: Stop,
    ranks: Ranks = ALONE,
) -> list[Detections] | None:
    """The detections of each image, in its own pixels. None, on all ranks, if a stop was requested meanwhile.

    Each rank detects in a part of the images. The detector is returned to training mode.
    """
    part = ranks.part(len(images))
    reported = _detect_part(detector, spec, data, images[part], stop, ranks)
    if ranks.any(reported is None) or reported is None:
        return None
    return _pooled(reported, part.start, len(images), ranks)


@torch.no_grad()
def _detect_part(
    detector: Detector,
    spec: DetectionSpec,
    data: DetectionData,
    images: Sequence[AnnotatedImage],
    stop: Stop,
    ranks: Ranks,
) -> list[Detections] | None:
    detector.eval()
    try:
        reported = []
        for image, size, pixels in _prepared(spec, data, images):
            if ranks.hears_stop(stop):
                return None
            stacked, sizes = stack([to_input(pixels, data.mean)])
            with autocast(stacked.device, spec):
                (detected,), _ = detector(Inputs(stacked, sizes, (size[0] / image.width,)))
            reported.append(_in_own_pixels(detected, image, size))
        return reported
    finally:
        detector.train()


def _pooled(reported: list[Detections], before: int, images: int, ranks: Ranks) -> list[Detections]:
    """Every rank's detections, of which those in `before` images precede this rank's."""
    if ranks.count == 1:
        return reported
    lengths = torch.tensor([[len(each.scores)] for each in reported], dtype=torch.float64).reshape(-1, 1)
    counts: list[int] = ranks.pool(lengths, before, images).flatten().long().tolist()
    rows = [np.column_stack((each.boxes, each.scores, each.labels)) for each in reported]
    own = torch.from_numpy(np.concatenate([np.empty((0, 6)), *rows]))
    table = ranks.pool(own, sum(counts[:before]), sum(counts))
    parts = (part.numpy() for part in torch.split(table, counts))
    return [Detections(part[:, :4], part[:, 4], part[:, 5].astype(np.int64)) for part in parts]


def score(
    form: ApForm, reported: Sequence[Detections], images: Sequence[AnnotatedImage], classes: Sequence[str]
) -> DetectionScores:
    """The average precisions of detections, given in the images' order."""
    objects = [image.objects for image in images]
    coco = coco_metric.score(reported, objects, len(classes))
    by_class = (
        coco.by_class
        if form == "coco"
        else [voc_metric.average_precision(reported, objects, label, form) for label in range(1, len(classes) + 1)]
    )
    mean = _mean(by_class)
    return DetectionScores(
        map=mean,
        map_50=(coco.ap_50 or 0.0) if form == "coco" else mean,
        map_50_95=coco.ap or 0.0,
        ap=dict(zip(classes, by_class, strict=True)),
        images=len(images),
        detections=sum(len(each.scores) for each in reported),
        coco=coco,
    )


def event(iteration: int, split: Split, scores: DetectionScores, images_per_s: float) -> DetectionEvaluated:
    """The scores as an event."""
    return DetectionEvaluated(
        iteration=iteration,
        split=split,
        map=scores.map,
        map_50=scores.map_50,
        map_50_95=scores.map_50_95,
        ap=scores.ap,
        images=scores.images,
        detections=scores.detections,
        images_per_s=images_per_s,
    )


def _prepared(
    spec: DetectionSpec, data: DetectionData, images: Sequence[AnnotatedImage]
) -> Iterator[tuple[AnnotatedImage, tuple[int, int], Pixels]]:
    """Each image with its scaled size (width, height) and its pixels, decoded ahead."""
    sized = ((image, scaled_size(image, spec)) for image in images)
    start = data.loaders.start_pixels
    begun = ((image, size, start(shape(size), scaled, data.splits.root, image, size)) for image, size in sized)
    waiting = deque(islice(begun, data.loaders.count * PREPARED))
    for _ in images:
        waiting.extend(islice(begun, 1))
        image, size, pending = waiting.popleft()
        yield image, size, pending.result()


def _in_own_pixels(detected: Detected, image: AnnotatedImage, size: tuple[int, int]) -> Detections:
    factors = np.array([image.width / size[0], image.height / size[1]] * 2)
    boxes, scores, labels = (_array(tensor) for tensor in (detected["boxes"], detected["scores"], detected["labels"]))
    return Detections(boxes * factors, scores, labels.astype(np.int64))


def _array(tensor: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    array: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = tensor.double().cpu().numpy()
    return array


def _mean(values: Sequence[float | None]) -> float:
    counted = [value for value in values if value is not None]
    return sum(counted) / len(counted) if counted else 0.0
