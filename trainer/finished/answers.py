"""Owns what finished networks are asked: errors, responses, a picture's classes, another form of the file."""

import argparse
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from trainer.events import Evaluated
from trainer.examination import MOST_CONFUSION_CLASSES
from trainer.failure import Failure

if TYPE_CHECKING:
    from trainer.finished.exhibits import Exhibits
    from trainer.finished.model import Model
    from trainer.finished.scores import Tally

Batch = TypeVar("Batch")

PROGRESS_SECONDS = 5.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """Of weights of this iteration, the first ones of an ensemble: JSON, and the event that tells of its errors."""

    iteration: int
    report: Mapping[str, object]
    evaluated: Evaluated | None = None


def evaluate(options: argparse.Namespace) -> Answer:
    from trainer.finished import batch_norm
    from trainer.finished.scores import Tally, probabilities

    models = _models(options.weights, options)
    _refuse_views(options.views, models[0])
    exhibits, batch = _exhibits(models, options), _batch(options, models[0])
    if options.recompute_bn:
        for model in models:
            batch_norm.recompute(model.network, map(model.inputs, _shown(exhibits.training(model, batch))))
    tally = Tally(len(exhibits.classes), models[0].mean.device)
    for views, labels in _shown(exhibits.test(options.views, batch)):
        tally.add(probabilities(models, views), labels)
    # On the command line whoever asks may want it, however large it is.
    is_confusion_small = options.workdir is None or len(exhibits.classes) <= MOST_CONFUSION_CLASSES
    report = {
        **_identity(models, exhibits, options),
        "views": options.views,
        "batch_norm": "plain average over the training images" if options.recompute_bn else "moving average",
        "images": tally.images,
        "error": tally.error,
        "top5_error": tally.top5_error,
        "loss": tally.loss,
        "classes": exhibits.classes,
        "confusion": tally.confusion if is_confusion_small else None,
    }
    return Answer(models[0].iteration, report, _evaluated(models[0].iteration, tally))


def _evaluated(iteration: int, tally: "Tally") -> Evaluated:
    return Evaluated(
        iteration=iteration,
        split="test",
        error=tally.error,
        top5_error=tally.top5_error,
        loss=tally.loss,
        images=tally.images,
    )


def responses(options: argparse.Namespace) -> Answer:
    from trainer.finished import responses as layers

    (model,) = models = _models([options.weights], options)
    exhibits = _exhibits(models, options)
    shown = _shown(exhibits.test("single", _batch(options, model)))
    measured = layers.measure(model.network, (model.inputs(pixels) for (pixels,), _ in shown))
    report = {
        **_identity(models, exhibits, options),
        "measured": layers.MEASURED,
        "layers": [{"layer": layer, "std": std} for layer, std in measured.items()],
        "descending": sorted(measured.values(), reverse=True),
    }
    return Answer(model.iteration, report)


def predict(options: argparse.Namespace) -> Answer:
    from trainer.data.decoding import decode
    from trainer.finished.exhibits import single_view
    from trainer.finished.scores import probabilities

    (model,) = _models([options.weights], options)
    image = decode(options.image, str(options.image))
    pixels = single_view(model, image)
    if pixels.shape[-2:] != (image.height, image.width):
        log.warning("%s is %d×%d; the network sees %d×%d of it", options.image, *image.size, *pixels.shape[-2:])
    (scores,) = probabilities([model], [pixels.to(model.mean.device)])
    likeliest = scores.topk(min(5, len(model.classes)))
    report = {
        "weights": model.describe(),
        "image": str(options.image),
        "classes": [
            {"class": model.classes[place], "probability": probability}
            for probability, place in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
        ],
    }
    return Answer(model.iteration, report)


def export(options: argparse.Namespace) -> Answer:
    from trainer.finished.export import export

    (model,) = _models([options.weights], options)
    named = f"{model.spec.name.replace(' ', '-')}-{model.spec.dataset}-{model.iteration}.{options.to}"
    path = options.out or options.weights.with_name(named)
    written = export(model, options.to, path)
    report = {
        "weights": model.describe(),
        "file": str(path),
        "sha256": written.sha256,
        "size_bytes": written.size_bytes,
    }
    return Answer(model.iteration, report)


def _models(paths: Sequence[Path], options: argparse.Namespace) -> list["Model"]:
    """The networks, on the device asked for. Raises Failure(`invalid`) where they know different classes."""
    from trainer.finished import model
    from trainer.process import device

    place = device.choose(options.device)
    models = [model.load(path, place) for path in paths]
    device.prepare(models[0].spec, options.threads)
    for other in models[1:]:
        if (other.classes, other.spec.family) != (models[0].classes, models[0].spec.family):
            raise Failure("invalid", f"{other.path} was trained on other classes or sizes than {models[0].path}")
    return models


def _refuse_views(views: str, model: "Model") -> None:
    if views != "single" and model.spec.family == "cifar":
        raise Failure(
            "invalid", f"--views {views} is for photographs: the CIFAR family sees the whole image (sec. 4.2)"
        )


def _exhibits(models: Sequence["Model"], options: argparse.Namespace) -> "Exhibits":
    from trainer.finished.exhibits import open_for

    first = models[0]
    exhibits = open_for(first, options.dataset or first.spec.dataset, options.data, options.folder)
    if exhibits.classes != first.classes:
        raise Failure(
            "invalid",
            f"the data set's {len(exhibits.classes)} classes ({_few(exhibits.classes)}) are not the "
            f"{len(first.classes)} that {first.path} knows ({_few(first.classes)})",
        )
    for warning in exhibits.warnings:
        log.warning("%s", warning)
    return exhibits


def _batch(options: argparse.Namespace, model: "Model") -> int:
    batch: int = options.batch or (500 if model.spec.family == "cifar" else 50)
    return batch


def _few(classes: Sequence[str]) -> str:
    return ", ".join(classes[:3]) + (", …" if len(classes) > 3 else "")


def _identity(models: Sequence["Model"], exhibits: "Exhibits", options: argparse.Namespace) -> dict[str, object]:
    """Which weights, which images, which libraries. Weights that are judged on another copy of their data score
    otherwise: JPEG copies of CIFAR-10 cost ten points.
    """
    from trainer.process.device import versions

    return {
        "weights": [model.describe() for model in models],
        "dataset": options.dataset or models[0].spec.dataset,
        "data_hash": exhibits.hash,
        "is_the_data_trained_on": all(model.story["data_hash"] == exhibits.hash for model in models),
        "versions": versions(),
    }


def _shown(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Says now and then on stderr how far it is."""
    told = monotonic()
    for number, batch in enumerate(batches, start=1):
        yield batch
        if monotonic() - told > PROGRESS_SECONDS:
            told = monotonic()
            log.info("%d batches so far", number)
