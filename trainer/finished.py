"""Owns the commands on finished weights: evaluate, responses, predict, export. One JSON object on stdout each."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from trainer.events import EXIT_FAILED, EXIT_FINISHED
from trainer.failure import Failure
from trainer.manifest import BadDataSet

if TYPE_CHECKING:
    from trainer.exhibits import Exhibits
    from trainer.model import Model

Answer = dict[str, object]
Batch = TypeVar("Batch")
Commands = argparse._SubParsersAction  # noqa: SLF001 -- its only name

PROGRESS_SECONDS = 5.0
log = logging.getLogger(__name__)


def add_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    """The four commands, each with its options."""
    evaluate = _command(commands, "evaluate", "errors of finished weights, alone or as an ensemble", _evaluate)
    evaluate.add_argument("--weights", type=Path, required=True, nargs="+", metavar="FILE", help="several are averaged")
    _add_data_options(evaluate)
    evaluate.add_argument(
        "--views",
        choices=("single", "ten-crop", "multi-scale"),
        default="single",
        help="views of an image, their softmax averaged (%(default)s, the only one of the CIFAR family)",
    )
    evaluate.add_argument(
        "--recompute-bn",
        action="store_true",
        help="batch normalisation by a plain average over the training set, not by the run's moving average",
    )

    responses = _command(commands, "responses", "how strongly each 3×3 layer answers (Fig. 7)", _responses)
    responses.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    _add_data_options(responses)

    predict = _command(commands, "predict", "the five likeliest classes of an image", _predict)
    predict.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    predict.add_argument("image", type=Path, metavar="IMAGE", help="an image file")

    export = _command(commands, "export", "finished weights in another form", _export)
    export.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    export.add_argument("--to", choices=("safetensors", "pt", "onnx"), required=True, help="the form")
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (beside the weights, named after the run)")


def _command(
    commands: "Commands[argparse.ArgumentParser]", name: str, about: str, does: Callable[[argparse.Namespace], Answer]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}. Prints a JSON object.")
    parser.set_defaults(command=lambda options: _answer(does, options))
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(%(default)s)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads (all of this process's cores)")
    return parser


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=Path(".reslab/data"), metavar="DIR", help="data sets (%(default)s)"
    )
    parser.add_argument("--dataset", metavar="NAME", help="judge on another data set of the same classes")
    parser.add_argument("--folder", type=Path, metavar="PATH", help="your own data set: a folder or an archive")
    parser.add_argument("--batch", type=int, metavar="N", help="images at a time (500; photographs: 50)")


def _answer(does: Callable[[argparse.Namespace], Answer], options: argparse.Namespace) -> int:
    try:
        answer = does(options)
    except (Failure, BadDataSet) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}: {error.filename or 'no file named'}\n")
        return EXIT_FAILED
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return EXIT_FINISHED


def _evaluate(options: argparse.Namespace) -> Answer:
    from trainer import batch_norm
    from trainer.scores import Tally, probabilities

    models = _models(options.weights, options)
    _refuse_views(options.views, models[0])
    exhibits, batch = _exhibits(models, options), _batch(options, models[0])
    if options.recompute_bn:
        for model in models:
            batch_norm.recompute(model.network, map(model.inputs, _shown(exhibits.training(model, batch))))
    tally = Tally(len(exhibits.classes), models[0].mean.device)
    for views, labels in _shown(exhibits.test(options.views, batch)):
        tally.add(probabilities(models, views), labels)
    return {
        **_identity(models, exhibits, options),
        "views": options.views,
        "batch_norm": "plain average over the training images" if options.recompute_bn else "moving average",
        "images": tally.images,
        "error": tally.error,
        "top5_error": tally.top5_error,
        "loss": tally.loss,
        "classes": exhibits.classes,
        "confusion": tally.confusion,
    }


def _responses(options: argparse.Namespace) -> Answer:
    from trainer import responses

    (model,) = models = _models([options.weights], options)
    exhibits = _exhibits(models, options)
    shown = _shown(exhibits.test("single", _batch(options, model)))
    measured = responses.measure(model.network, (model.inputs(pixels) for (pixels,), _ in shown))
    return {
        **_identity(models, exhibits, options),
        "measured": responses.MEASURED,
        "layers": [{"layer": layer, "std": std} for layer, std in measured.items()],
        "descending": sorted(measured.values(), reverse=True),
    }


def _predict(options: argparse.Namespace) -> Answer:
    from trainer.data.decoding import decode
    from trainer.exhibits import single_view
    from trainer.scores import probabilities

    (model,) = _models([options.weights], options)
    image = decode(options.image, str(options.image))
    pixels = single_view(model, image)
    if pixels.shape[-2:] != (image.height, image.width):
        log.warning("%s is %d×%d; the network sees %d×%d of it", options.image, *image.size, *pixels.shape[-2:])
    (scores,) = probabilities([model], [pixels.to(model.mean.device)])
    likeliest = scores.topk(min(5, len(model.classes)))
    return {
        "weights": model.describe(),
        "image": str(options.image),
        "classes": [
            {"class": model.classes[place], "probability": probability}
            for probability, place in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
        ],
    }


def _export(options: argparse.Namespace) -> Answer:
    from trainer.export import export

    (model,) = _models([options.weights], options)
    named = f"{model.spec.name.replace(' ', '-')}-{model.spec.dataset}-{model.iteration}.{options.to}"
    path = options.out or options.weights.with_name(named)
    written = export(model, options.to, path)
    return {
        "weights": model.describe(),
        "file": str(path),
        "sha256": written.sha256,
        "size_bytes": written.size_bytes,
    }


def _models(paths: Sequence[Path], options: argparse.Namespace) -> list["Model"]:
    """The networks, on the device asked for. Raises Failure(`invalid`) where they know different classes."""
    from trainer import device, model

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
    from trainer.exhibits import open_for

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


def _identity(models: Sequence["Model"], exhibits: "Exhibits", options: argparse.Namespace) -> Answer:
    """Which weights, which images, which libraries. Weights that are judged on another copy of their data score
    otherwise: JPEG copies of CIFAR-10 cost ten points.
    """
    from trainer.device import versions

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
