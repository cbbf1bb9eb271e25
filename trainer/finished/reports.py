"""Owns the reports on finished weights: errors, detections, responses, a picture's classes, a new file."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from trainer.events import Evaluated, Format, Role, Scores
from trainer.examination import MOST_CONFUSION_CLASSES, PICTURE
from trainer.failure import Failure

if TYPE_CHECKING:
    from trainer.finished.gallery import Gallery
    from trainer.finished.image_sets import ImageSet
    from trainer.finished.model import Model
    from trainer.finished.options import (
        DetectOptions,
        EvaluateOptions,
        ExportOptions,
        PredictOptions,
        ResponsesOptions,
        StatisticsOptions,
        WeightsOptions,
    )
    from trainer.finished.scores import Tally

Batch = TypeVar("Batch")

PROGRESS_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachment:
    """A file beside the report, which a supervised job writes."""

    file: str
    role: Role
    format: Format
    content: bytes


@dataclass(frozen=True)
class Report:
    """A JSON object about the weights of this iteration (an ensemble's first weights), with its event and a file that
    it describes.
    """

    iteration: int
    content: Mapping[str, object]
    event: Scores | None = None
    attachment: Attachment | None = None


def evaluate(options: "EvaluateOptions") -> Report:
    from trainer.finished import batch_norm
    from trainer.finished.gallery import Gallery
    from trainer.finished.scores import Tally, probabilities

    models = _models(options)
    _refuse_views(options.views, models[0])
    image_set, batch = _image_set(models, options), _batch(options, models[0])
    if options.recompute_bn:
        for model in models:
            batch_norm.recompute(model.network, map(model.inputs, _log_progress(image_set.training(model, batch))))
    tally = Tally(len(image_set.classes), models[0].mean.device)
    is_confusion_small = len(image_set.classes) <= MOST_CONFUSION_CLASSES
    gallery = Gallery() if options.workdir and is_confusion_small else None
    for views, labels in _log_progress(image_set.test(options.views, batch)):
        scores = probabilities(models, views)
        tally.add(scores, labels)
        if gallery:
            gallery.add(views[0], scores, labels)
    content: dict[str, object] = {
        **_identity(models, image_set, options),
        "views": options.views,
        "batch_norm": "plain average over the training images" if options.recompute_bn else "moving average",
        "images": tally.images,
        "error": tally.error,
        "top5_error": tally.top5_error,
        "loss": tally.loss,
        "classes": image_set.classes,
        # On the command line the confusion matrix is part of the report, however large it is.
        "confusion": tally.confusion if options.workdir is None or is_confusion_small else None,
    }
    if gallery:
        content["mistakes"] = _mistakes(gallery)
    png = gallery.png() if gallery else None
    picture = Attachment(PICTURE, "picture", "image", png) if png else None
    return Report(models[0].iteration, content, _event(models[0].iteration, tally), picture)


def _mistakes(gallery: "Gallery") -> dict[str, object]:
    from trainer.finished.gallery import COLUMNS

    items = [asdict(mistake) for mistake in gallery.mistakes]
    return {"tile_px": gallery.tile_px, "columns": COLUMNS, "items": items}


def _event(iteration: int, tally: "Tally") -> Evaluated:
    return Evaluated(
        iteration=iteration,
        split="test",
        error=tally.error,
        top5_error=tally.top5_error,
        loss=tally.loss,
        images=tally.images,
    )


def responses(options: "ResponsesOptions") -> Report:
    from trainer.finished import responses as layers

    (model,) = models = _models(options)
    image_set = _image_set(models, options)
    batches = _log_progress(image_set.test("single", _batch(options, model)))
    deviations = layers.measure(model.network, (model.inputs(pixels) for (pixels,), _ in batches))
    content = {
        **_identity(models, image_set, options),
        "measured": layers.MEASUREMENT,
        "layers": [{"layer": layer, "std": std} for layer, std in deviations.items()],
        "descending": sorted(deviations.values(), reverse=True),
    }
    return Report(model.iteration, content)


def statistics(options: "StatisticsOptions") -> Report:
    from trainer.examination import STATISTICS
    from trainer.files import sealed
    from trainer.finished.statistics import with_exact_statistics

    (model,) = models = _models(options)
    image_set, batch = _image_set(models, options), _batch(options, model)
    if _is_the_data_trained_on(models, image_set) is False:
        raise Failure("invalid", f"{model.path} was trained on other images, not on these.")
    packed = with_exact_statistics(model, _log_progress(image_set.training(model, batch)))
    content = {
        **_identity(models, image_set, options),
        "images": packed.images,
        "batch": batch,
        "sha256": packed.sha256,
        "size_bytes": len(packed.content),
    }
    if options.workdir:
        file = Attachment(STATISTICS, "weights", "safetensors", packed.content)
        return Report(model.iteration, content, attachment=file)
    path = options.out or model.path.with_name(f"{_file_name(model)}-statistics.safetensors")
    sealed.write_bytes(path, packed.content)
    return Report(model.iteration, {**content, "file": str(path)})


def detect(options: "DetectOptions") -> Report:
    from trainer.detection.finished.reports import detect

    return detect(options)


def predict(options: "PredictOptions") -> Report:
    if _is_detector(options.weights[0]):
        from trainer.detection.finished.reports import predict

        return predict(options)
    return _predict_class(options)


def _predict_class(options: "PredictOptions") -> Report:
    from trainer.data.decoding import decode
    from trainer.finished.image_sets import single_view
    from trainer.finished.scores import probabilities

    (model,) = _models(options)
    image = decode(options.image, str(options.image))
    pixels = single_view(model, image)
    if pixels.shape[-2:] != (image.height, image.width):
        log.warning("%s is %d×%d; the network sees %d×%d pixels of it", options.image, *image.size, *pixels.shape[-2:])
    (scores,) = probabilities([model], [pixels.to(model.mean.device)])
    likeliest = scores.topk(min(5, len(model.classes)))
    content = {
        "weights": model.describe(),
        "image": str(options.image),
        "classes": [
            {"class": model.classes[label], "probability": probability}
            for probability, label in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
        ],
    }
    return Report(model.iteration, content)


def export(options: "ExportOptions") -> Report:
    if _is_detector(options.weights[0]):
        from trainer.detection.finished.reports import export as export_detector

        return export_detector(options)
    from trainer.finished.export import export

    (model,) = _models(options)
    path = options.out or model.path.with_name(f"{_file_name(model)}.{options.to}")
    file = export(model, options.to, path)
    content = {
        "weights": model.describe(),
        "file": str(path),
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
    }
    return Report(model.iteration, content)


def _file_name(model: "Model") -> str:
    return f"{model.spec.name.replace(' ', '-')}-{model.spec.dataset}-{model.iteration}"


def _is_detector(path: Path) -> bool:
    from trainer.files import sealed

    return sealed.metadata(path).get("task") == "detection"


def _models(options: "WeightsOptions") -> list["Model"]:
    """The networks, on the chosen device. Raises Failure(`invalid`) if their classes or families differ."""
    from trainer.finished import model
    from trainer.process import device

    target = device.choose(options.device)
    models = [model.load(path, target) for path in options.weights]
    device.prepare(models[0].spec, options.threads, models[0].spec.devices)
    for other in models[1:]:
        if (other.classes, other.spec.family) != (models[0].classes, models[0].spec.family):
            raise Failure("invalid", f"{other.path} has other classes or image sizes than {models[0].path}.")
    return models


def _refuse_views(views: str, model: "Model") -> None:
    if views != "single" and model.spec.family == "cifar":
        raise Failure(
            "invalid", f"--views {views} is for photographs only; the CIFAR family sees the whole image (sec. 4.2)."
        )


def _image_set(models: Sequence["Model"], options: "ResponsesOptions") -> "ImageSet":
    from trainer.finished.image_sets import open_image_set

    first = models[0]
    image_set = open_image_set(first, options.dataset or first.spec.dataset, options.data, options.folder)
    if not first.has_classes(image_set.classes):
        raise Failure(
            "invalid",
            f"The data set has {len(image_set.classes)} classes ({_first_few(image_set.classes)}), but {first.path} "
            f"was trained on {len(first.classes)} others ({_first_few(first.classes)}).",
        )
    for warning in image_set.warnings:
        log.warning("%s", warning)
    return image_set


def _batch(options: "ResponsesOptions", model: "Model") -> int:
    return options.batch or (500 if model.spec.family == "cifar" else 50)


def _first_few(classes: Sequence[str]) -> str:
    return ", ".join(classes[:3]) + (", …" if len(classes) > 3 else "")


def _identity(models: Sequence["Model"], image_set: "ImageSet", options: "ResponsesOptions") -> dict[str, object]:
    """Which weights, images and libraries. Another copy of the same data changes the result: JPEG copies of CIFAR-10
    cost ten points.
    """
    from trainer.identity import versions

    return {
        "weights": [model.describe() for model in models],
        "dataset": options.dataset or models[0].spec.dataset,
        "data_hash": image_set.hash,
        "is_the_data_trained_on": _is_the_data_trained_on(models, image_set),
        "versions": versions(),
    }


def _is_the_data_trained_on(models: Sequence["Model"], image_set: "ImageSet") -> bool | None:
    """None if that is unknown: imported weights don't say on which images they were trained."""
    hashes = {model.metadata["data_hash"] for model in models}
    if hashes - {"", image_set.hash}:
        return False
    return None if "" in hashes else True


def _log_progress(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Passes batches on and logs their number every few seconds."""
    logged_s = monotonic()
    for number, batch in enumerate(batches, start=1):
        yield batch
        if monotonic() - logged_s > PROGRESS_SECONDS:
            logged_s = monotonic()
            log.info("%d batches done", number)
