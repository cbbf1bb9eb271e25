"""The trainer's command line: events of a run on stdout, answers of the other commands too, the log on stderr."""

import argparse
import json
import logging
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from trainer.catalog import BUILT_IN
from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED, Stopped
from trainer.failure import Failure
from trainer.finished.commands import add_commands
from trainer.manifest import BadDataSet
from trainer.plan import plan
from trainer.process import job
from trainer.process.job import Speaker
from trainer.process.supervision import Stop
from trainer.spec import RunSpec, family_of
from trainer.workdir import checkpoints


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says how it ended (see trainer/events.py)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments, argparse.Namespace(arguments=arguments))
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    code: int = options.command(options)
    return code


def _run(options: argparse.Namespace) -> int:
    def saved() -> int:
        return next((iteration for iteration, _ in checkpoints(options.workdir)), 0)

    return job.perform(partial(_train, options), options.supervised, saved)


def _train(options: argparse.Namespace, speaker: Speaker, stop: Stop) -> int:
    spec = _spec(options.spec)
    options.workdir.mkdir(parents=True, exist_ok=True)
    stop.interrupts = True
    from trainer import loop
    from trainer.data import library
    from trainer.data.loaders import Loaders
    from trainer.process import device, launch

    chosen = device.choose(options.device, spec.devices)
    device.prepare(spec, options.threads)
    count = device.loaders(spec.devices) if options.loaders is None else options.loaders
    with (
        closing(Loaders(count)) as loaders,
        launch.gathered(spec.devices, chosen.type, options.arguments, speaker.say) as ranks,
    ):
        if not ranks.is_first:
            speaker.be_silent()
            ranks.agree([0])  # rank 0 fetches and decodes the data first; the others find it done
        data = library.prepare(spec, options.data, options.folder, chosen, loaders)
        if ranks.is_first:
            ranks.agree([0])
        stop.interrupts = False
        stopped = False
        for event in loop.train(spec, data, loop.Place(options.workdir, chosen, stop, ranks, options.forked_at)):
            speaker.say(event)
            stopped = isinstance(event, Stopped)
    return EXIT_STOPPED if stopped else EXIT_FINISHED


def _spec(path: Path) -> RunSpec:
    """The specification in a JSON file. Raises Failure(`invalid`) with one clause a field."""
    try:
        return RunSpec.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Failure("invalid", f"cannot read the specification {path}: {error.strerror}") from error
    except ValidationError as error:
        # What could not be filled in because of another field's fault goes without saying.
        faults = (fault for fault in error.errors() if fault["type"] != "default_factory_not_called")
        fields = (f"{'.'.join(map(str, fault['loc'])) or 'spec'}: {fault['msg']}" for fault in faults)
        raise Failure("invalid", "; ".join(fields)) from error


def _plan(options: argparse.Namespace) -> int:
    try:
        planned = plan(_spec(options.spec), options.classes)
    except (Failure, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    sys.stdout.write(planned.model_dump_json(indent=2) + "\n")
    return EXIT_FINISHED


def _data(options: argparse.Namespace) -> int:
    try:
        about = _about(options)
    except (Failure, BadDataSet) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    sys.stdout.write(json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    return EXIT_FINISHED


def _about(options: argparse.Namespace) -> dict[str, object]:
    from trainer.data import images, library

    if family_of(options.name) == "imagenet":
        from trainer.data import photographs

        folder = library.photographs_folder(options.name, options.data, options.folder)
        manifest = photographs.read(options.name, folder, options.data)
        return {
            "name": options.name,
            "classes": manifest.classes,
            "train_images": manifest.train_images,
            "test_images": manifest.test_images,
            "data_hash": manifest.hash,
        }
    decoded = library.load(options.name, options.data, options.folder)
    return {
        "name": options.name,
        "classes": decoded.classes,
        "train_images": len(decoded.train),
        "test_images": len(decoded.test),
        "data_hash": images.content_hash(decoded),
        "warnings": decoded.warnings,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer",
        description="Train the residual networks of He et al. 2015, and say what happens as one JSON event a line.",
        epilog="Exit codes: 0 finished, 1 failed (the last event says why), 75 stopped by SIGTERM (run it again).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="train, or go on where the working folder's checkpoint stopped")
    run.set_defaults(command=_run)
    run.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the run's specification, JSON")
    run.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="checkpoints and weights go here")
    run.add_argument("--data", type=Path, default=Path(".reslab/data"), metavar="DIR", help="data sets (%(default)s)")
    run.add_argument("--folder", type=Path, metavar="PATH", help="your own data set: a folder or an archive")
    run.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(%(default)s)")
    run.add_argument("--threads", type=int, metavar="N", help="CPU threads (all of this process's cores)")
    run.add_argument(
        "--loaders", type=int, metavar="N", help="processes that decode photographs (one a core and device, less one)"
    )
    run.add_argument(
        "--forked-at", type=int, metavar="N", help="the folder's checkpoint of iteration N is the run's this one forks"
    )
    run.add_argument("--supervised", type=int, metavar="PID", help="die with this parent process")

    planned = commands.add_parser("plan", help="parameters, multiply-adds, layers and memory of a specification")
    planned.set_defaults(command=_plan)
    planned.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the run's specification, JSON")
    planned.add_argument("--classes", type=int, metavar="N", help="needed for a data set of your own")

    data = commands.add_parser("data", help="fetch a data set, check it, and say what it holds")
    data.set_defaults(command=_data)
    data.add_argument("name", metavar="NAME", help=f"{', '.join(BUILT_IN)}, or any name with --folder")
    data.add_argument("--data", type=Path, default=Path(".reslab/data"), metavar="DIR", help="data sets (%(default)s)")
    data.add_argument("--folder", type=Path, metavar="PATH", help="your own data set: a folder or an archive")

    add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
