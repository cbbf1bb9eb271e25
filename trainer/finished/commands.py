"""Owns the commands on finished weights: evaluate, responses, predict, export. One JSON object on stdout each.

With a working folder, the first three are a supervised job as `run` is: the object is a file there, and told of.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic

from trainer.events import EXIT_FAILED, EXIT_FINISHED, Finished, Saved
from trainer.examination import REPORT, VIEWS
from trainer.failure import Failure
from trainer.finished import answers
from trainer.finished.answers import Answer
from trainer.manifest import BadDataSet
from trainer.process import job
from trainer.process.job import Speaker
from trainer.process.supervision import Stop

Commands = argparse._SubParsersAction  # noqa: SLF001 -- its only name
Answering = Callable[[argparse.Namespace], Answer]


def add_commands(commands: "Commands[argparse.ArgumentParser]") -> None:
    """The four commands, each with its options."""
    evaluate = _command(commands, "evaluate", "errors of finished weights, alone or as an ensemble", answers.evaluate)
    evaluate.add_argument("--weights", type=Path, required=True, nargs="+", metavar="FILE", help="several are averaged")
    _add_data_options(evaluate)
    _add_job_options(evaluate)
    evaluate.add_argument(
        "--views",
        choices=VIEWS,
        default="single",
        help="views of an image, their softmax averaged (%(default)s, the only one of the CIFAR family)",
    )
    evaluate.add_argument(
        "--recompute-bn",
        action="store_true",
        help="batch normalisation by a plain average over the training set, not by the run's moving average",
    )

    responses = _command(commands, "responses", "how strongly each 3×3 layer answers (Fig. 7)", answers.responses)
    responses.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    _add_data_options(responses)
    _add_job_options(responses)

    predict = _command(commands, "predict", "the five likeliest classes of an image", answers.predict)
    predict.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    predict.add_argument("image", type=Path, metavar="IMAGE", help="an image file")
    _add_job_options(predict)

    export = _command(commands, "export", "finished weights in another form", answers.export)
    export.add_argument("--weights", type=Path, required=True, metavar="FILE", help="a run's weights")
    export.add_argument("--to", choices=("safetensors", "pt", "onnx"), required=True, help="the form")
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (beside the weights, named after the run)")


def _command(
    commands: "Commands[argparse.ArgumentParser]", name: str, about: str, does: Answering
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}. Prints a JSON object.")
    parser.set_defaults(command=lambda options: _answer(does, options), workdir=None)
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


def _add_job_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workdir", type=Path, metavar="DIR", help=f"write the object to {REPORT} there, and print events as run does"
    )
    parser.add_argument("--supervised", type=int, metavar="PID", help="with --workdir: die with this parent process")


def _answer(does: Answering, options: argparse.Namespace) -> int:
    if options.workdir:
        return job.perform(partial(_report, does, options), options.supervised)
    try:
        answer = does(options)
    except (Failure, BadDataSet) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}: {error.filename or 'no file named'}\n")
        return EXIT_FAILED
    sys.stdout.write(_json(answer))
    return EXIT_FINISHED


def _report(does: Answering, options: argparse.Namespace, speaker: Speaker, stop: Stop) -> int:
    began = monotonic()
    stop.interrupts = True  # there is no checkpoint to lose: it is asked again from the start
    answer = does(options)
    stop.interrupts = False
    from trainer.files import sealed

    written = sealed.write_bytes(options.workdir / REPORT, _json(answer).encode())
    if answer.evaluated:
        speaker.say(answer.evaluated)
    speaker.say(
        Saved(
            iteration=answer.iteration,
            role="report",
            format="json",
            file=REPORT,
            sha256=written.sha256,
            size_bytes=written.size_bytes,
        )
    )
    speaker.say(Finished(iteration=answer.iteration, seconds=monotonic() - began))
    return EXIT_FINISHED


def _json(answer: Answer) -> str:
    return json.dumps(answer.report, ensure_ascii=False, indent=2) + "\n"
