"""Owns the commands on finished weights: evaluate, detect, responses, statistics, predict, export. Each prints one JSON
object.

With a working folder, all but export run as a supervised job, like `run`: the object is written to a file there, and
events are printed.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from trainer.box import walls
from trainer.detection.testing.method import LEAST_SIDE, MOST_SIDE, PYRAMID
from trainer.events import EXIT_FAILED, EXIT_FINISHED, Finished, Format, Role, Saved
from trainer.examination import REPORT, VIEWS
from trainer.failure import Failure, describe
from trainer.finished import reports
from trainer.finished.options import (
    EXPORT_FORMATS,
    DetectOptions,
    EvaluateOptions,
    ExportOptions,
    PredictOptions,
    ResponsesOptions,
    StatisticsOptions,
    WeightsOptions,
)
from trainer.finished.reports import Report
from trainer.manifest import BadDataSet
from trainer.process import job
from trainer.process.job import Speaker
from trainer.process.options import add_box_option, add_data_options, add_machine_options
from trainer.process.supervision import Stop

if TYPE_CHECKING:
    from trainer.files.sealed import WrittenFile

Commands = argparse._SubParsersAction  # noqa: SLF001 -- its only name
Options = TypeVar("Options", bound=WeightsOptions)
Command = Callable[[argparse.Namespace], int]


def add_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    """The six commands, each with its options."""
    about = "errors of finished weights, alone or as an ensemble"
    evaluate = _add_command(commands, "evaluate", about, _command(EvaluateOptions, reports.evaluate))
    evaluate.add_argument(
        "--weights", type=Path, required=True, nargs="+", metavar="FILE", help="a run's weights; several are averaged"
    )
    _add_data_set_options(evaluate)
    _add_batch_option(evaluate)
    _add_job_options(evaluate)
    evaluate.add_argument(
        "--views",
        choices=VIEWS,
        default="single",
        help="views of each image; their softmax is averaged (default: %(default)s, the only one for CIFAR networks)",
    )
    evaluate.add_argument(
        "--recompute-bn",
        action="store_true",
        help="use batch normalisation statistics averaged over the training set, not the run's moving averages",
    )

    about = "average precision of finished detectors, alone or as an ensemble"
    detect = _add_command(commands, "detect", about, _command(DetectOptions, reports.detect))
    detect.add_argument(
        "--weights", type=Path, required=True, nargs="+", metavar="FILE", help="a run's weights; several are averaged"
    )
    _add_data_set_options(detect)
    _add_job_options(detect)
    detect.add_argument("--refine", action="store_true", help="classify the regressed boxes as well (App. B)")
    detect.add_argument("--vote", action="store_true", help="average overlapping boxes of a class (App. B)")
    detect.add_argument(
        "--sides",
        type=_side,
        nargs="+",
        default=(),
        metavar="N",
        help=f"shorter sides for multi-scale testing (App. B: {' '.join(map(str, PYRAMID))}; default: the run's own)",
    )
    detect.add_argument(
        "--loaders", type=int, metavar="N", help="processes that decode images (default: all cores minus one)"
    )

    about = "standard deviation of each 3×3 layer's output (Fig. 7)"
    responses = _add_command(commands, "responses", about, _command(ResponsesOptions, reports.responses))
    _add_weights_option(responses)
    _add_data_set_options(responses)
    _add_batch_option(responses)
    _add_job_options(responses)

    about = "a copy of the weights whose batch norm statistics are those of all training images (App. A)"
    statistics = _add_command(commands, "statistics", about, _command(StatisticsOptions, reports.statistics))
    _add_weights_option(statistics)
    _add_data_set_options(statistics)
    _add_batch_option(statistics)
    _add_out_option(statistics)
    _add_job_options(statistics)

    about = "the five most likely classes of an image; with a detector's weights, the objects in it"
    predict = _add_command(commands, "predict", about, _command(PredictOptions, reports.predict))
    _add_weights_option(predict)
    predict.add_argument("image", type=Path, metavar="IMAGE", help="an image file")
    _add_job_options(predict)

    about = "finished weights in another format"
    export = _add_command(commands, "export", about, _command(ExportOptions, reports.export))
    _add_weights_option(export)
    export.add_argument("--to", choices=EXPORT_FORMATS, required=True, help="the format")
    _add_out_option(export)


def _add_command(
    commands: "Commands[argparse.ArgumentParser]", name: str, about: str, command: Command
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}. Prints a JSON object.")
    parser.set_defaults(command=command, workdir=None, supervised=None)
    add_machine_options(parser)
    return parser


def _add_weights_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, required=True, nargs=1, metavar="FILE", help="a run's weights")


def _add_out_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the new file (default: beside the weights, named after the run)"
    )


def _add_data_set_options(parser: argparse.ArgumentParser) -> None:
    add_data_options(parser)
    parser.add_argument("--dataset", metavar="NAME", help="evaluate on another data set with the same classes")


def _add_batch_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", type=int, metavar="N", help="images per batch (default: 500; photographs: 50)")


def _side(text: str) -> int:
    side = int(text)
    if not LEAST_SIDE <= side <= MOST_SIDE:
        raise argparse.ArgumentTypeError(f"{side} is not allowed; a side has {LEAST_SIDE} to {MOST_SIDE} pixels")
    return side


def _add_job_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workdir",
        type=Path,
        metavar="DIR",
        help=f"write the object to {REPORT} there, and print events as run does",
    )
    parser.add_argument(
        "--supervised", type=int, metavar="PID", help="with --workdir: exit when this parent process ends"
    )
    add_box_option(parser)


def _command(parsed: type[Options], report: Callable[[Options], Report]) -> Command:
    """The command that makes a report from its parsed options."""

    def run(namespace: argparse.Namespace) -> int:
        options = parsed.model_validate(namespace)
        make = partial(report, options)
        if options.workdir:
            enter = partial(walls.enter, namespace) if options.supervised else None
            return job.perform(partial(_save, make, options.workdir, enter), options.supervised)
        return _print(make)

    return run


def _print(make: Callable[[], Report]) -> int:
    try:
        report = make()
    except (Failure, BadDataSet) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    except OSError as error:
        sys.stderr.write(f"{describe(error)}\n")
        return EXIT_FAILED
    sys.stdout.write(_json(report))
    return EXIT_FINISHED


def _save(
    make: Callable[[], Report], workdir: Path, enter: Callable[[], None] | None, speaker: Speaker, stop: Stop
) -> int:
    start_s = monotonic()
    if enter:
        enter()
    stop.interrupts = True  # there is no checkpoint to lose: an interrupted job starts again
    report = make()
    stop.interrupts = False
    from trainer.files import sealed

    file = sealed.write_bytes(workdir / REPORT, _json(report).encode())
    if report.event:
        speaker.say(report.event)
    if extra := report.attachment:
        written = sealed.write_bytes(workdir / extra.file, extra.content)
        speaker.say(_saved(report, written, extra.file, extra.role, extra.format))
    speaker.say(_saved(report, file, REPORT, "report", "json"))
    speaker.say(Finished(iteration=report.iteration, seconds=monotonic() - start_s))
    return EXIT_FINISHED


def _saved(report: Report, file: "WrittenFile", name: str, role: Role, form: Format) -> Saved:
    sha256, size_bytes = file.sha256, file.size_bytes
    return Saved(iteration=report.iteration, role=role, format=form, file=name, sha256=sha256, size_bytes=size_bytes)


def _json(report: Report) -> str:
    return json.dumps(report.content, ensure_ascii=False, indent=2) + "\n"
