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
    import torch
    from torch import Tensor

    from trainer.data.images import Decoded, Images
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
    parser.add_argument("--batch", type=int, default=500, metavar="N", help="images at a time (%(default)s)")


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
    from trainer.data import images
    from trainer.scores import Tally, probabilities

    models = _models(options.weights, options)
    _refuse_views(options.views, models[0])
    decoded = _data(models, options)
    if options.recompute_bn:
        for model in models:
            batch_norm.recompute(model.network, _shown(_training_inputs(model, decoded, options.batch)))
    tally = Tally(len(decoded.classes), models[0].mean.device)
    for pixels, labels in _shown(_batches(decoded.test, options.batch, models[0].mean.device)):
        tally.add(probabilities(models, [pixels]), labels)
    return {
        "weights": [model.describe() for model in models],
        "dataset": options.dataset or models[0].spec.dataset,
        **_data_identity(models, images.content_hash(decoded)),
        "views": options.views,
        "batch_norm": f"plain average over {len(decoded.train)} images" if options.recompute_bn else "moving average",
        "images": tally.images,
        "error": tally.error,
        "top5_error": tally.top5_error,
        "loss": tally.loss,
        "classes": decoded.classes,
        "confusion": tally.confusion,
        "versions": _versions(),
    }


def _responses(options: argparse.Namespace) -> Answer:
    from trainer import responses
    from trainer.data import images

    (model,) = models = _models([options.weights], options)
    decoded = _data(models, options)
    batches = _batches(decoded.test, options.batch, model.mean.device)
    measured = responses.measure(model.network, (model.inputs(pixels) for pixels, _ in _shown(batches)))
    return {
        "weights": model.describe(),
        "dataset": options.dataset or model.spec.dataset,
        **_data_identity(models, images.content_hash(decoded)),
        "images": len(decoded.test),
        "measured": responses.MEASURED,
        "layers": [{"layer": layer, "std": std} for layer, std in measured.items()],
        "descending": sorted(measured.values(), reverse=True),
        "versions": _versions(),
    }


def _predict(options: argparse.Namespace) -> Answer:
    from trainer.data.own import decode_image
    from trainer.scores import probabilities

    (model,) = _models([options.weights], options)
    pixels, (width, height) = decode_image(options.image, str(options.image))
    if (height, width) != pixels.shape[-2:]:
        log.warning("%s is %d×%d and was resized to %d×%d", options.image, width, height, *pixels.shape[-2:])
    (scores,) = probabilities([model], [pixels[None].to(model.mean.device)])
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
        if other.classes != models[0].classes:
            raise Failure("invalid", f"{other.path} was trained on other classes than {models[0].path}")
    return models


def _refuse_views(views: str, model: "Model") -> None:
    if views != "single" and model.spec.family == "cifar":
        raise Failure(
            "invalid", f"--views {views} is for photographs: the CIFAR family sees the whole image (sec. 4.2)"
        )


def _data(models: Sequence["Model"], options: argparse.Namespace) -> "Decoded":
    from trainer.data import library

    decoded = library.load(options.dataset or models[0].spec.dataset, options.data, options.folder)
    if decoded.classes != models[0].classes:
        raise Failure(
            "invalid",
            f"the data set's {len(decoded.classes)} classes ({_few(decoded.classes)}) are not the "
            f"{len(models[0].classes)} that {models[0].path} knows ({_few(models[0].classes)})",
        )
    for warning in decoded.warnings:
        log.warning("%s", warning)
    return decoded


def _few(classes: Sequence[str]) -> str:
    return ", ".join(classes[:3]) + (", …" if len(classes) > 3 else "")


def _data_identity(models: Sequence["Model"], data_hash: str) -> Answer:
    """Weights that are judged on another copy of their data score otherwise: JPEG copies cost ten points."""
    return {"data_hash": data_hash, "is_the_data_trained_on": all(m.story["data_hash"] == data_hash for m in models)}


def _batches(images: "Images", size: int, device: "torch.device") -> "Iterator[tuple[Tensor, Tensor]]":
    for first in range(0, len(images), size):
        part = slice(first, first + size)
        yield images.pixels[part].to(device), images.labels[part].to(device)


def _training_inputs(model: "Model", decoded: "Decoded", size: int) -> "Iterator[Tensor]":
    """The images that the run trained on, not augmented, in an order that mixes the classes."""
    import torch

    from trainer.chance import generator
    from trainer.data.images import split

    train, _ = split(decoded.train, model.spec.train_images, model.spec.seed)
    order = torch.randperm(len(train), generator=generator(model.spec.seed, "order"))
    for pixels, _ in _batches(train.pick(order), size, model.mean.device):
        yield model.inputs(pixels)


def _shown(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Says now and then on stderr how far it is."""
    told = monotonic()
    for number, batch in enumerate(batches, start=1):
        yield batch
        if monotonic() - told > PROGRESS_SECONDS:
            told = monotonic()
            log.info("%d batches so far", number)


def _versions() -> dict[str, str]:
    from trainer.device import versions

    return versions()
