"""The trainer's command line. A run's events and the other commands' results go to stdout, the log to stderr."""

import argparse
import json
import logging
import os
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from trainer.acceptance import command as acceptance
from trainer.box import walls
from trainer.catalog import BUILT_IN
from trainer.detection.spec import DetectionSpec
from trainer.events import EXIT_FAILED, EXIT_FINISHED, EXIT_STOPPED, Stopped
from trainer.failure import Failure
from trainer.finished.commands import add_commands
from trainer.inspection import pictures, reading
from trainer.manifest import BadDataSet
from trainer.process import job
from trainer.process.job import Speaker
from trainer.process.meeting import add_meeting_options, meeting_of
from trainer.process.options import DEVICE_CHOICES, add_box_option, add_data_options, add_machine_options
from trainer.process.supervision import Stop
from trainer.spec import family_of
from trainer.tasks import Spec, parse, plan
from trainer.workdir import checkpoints

# As ImageNet has.
MOST_CLASSES = 1000
# About the size of a small network's checkpoint.
_TRIAL_BYTES = 1 << 20


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says how it ended (see trainer/events.py)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments, argparse.Namespace(arguments=arguments))
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    code: int = options.command(options)
    return code


def _run(options: argparse.Namespace) -> int:
    def last_checkpoint() -> int:
        return next((iteration for iteration, _ in checkpoints(options.workdir)), 0)

    return job.perform(partial(_train, options), options.supervised, last_checkpoint)


def _train(options: argparse.Namespace, speaker: Speaker, stop: Stop) -> int:
    spec = _spec(options.spec)
    options.workdir.mkdir(parents=True, exist_ok=True)
    if options.supervised:
        walls.enter(options, spec.dataset, spec.devices, _planned_bytes(spec))
    stop.interrupts = True
    from trainer import loop
    from trainer.classification import Classification
    from trainer.data import library, samples
    from trainer.data.loaders import Loaders
    from trainer.files import sealed
    from trainer.process import device, launch

    meeting = meeting_of(options)
    here = meeting.devices_here(spec.devices)
    target = device.choose(options.device, here)
    device.prepare(spec, options.threads, here)
    count = device.loaders(here) if options.loaders is None else options.loaders
    with (
        closing(Loaders(count)) as loaders,
        launch.gather(spec.devices, target, options.arguments, speaker.say, meeting) as ranks,
    ):
        if not ranks.is_first:
            speaker.be_silent()
        if not ranks.is_first_here:
            ranks.meet()  # the first of a machine downloads and decodes the data; the others then read it from disk
        environment = loop.Environment(
            options.workdir, target, stop, ranks, options.forked_at, options.until, options.supervised is not None
        )
        task: loop.Task
        if isinstance(spec, DetectionSpec):
            from trainer.detection.task import Detection

            detection_data = library.annotated(spec, options.data, options.folder, target, loaders)
            task = Detection(spec, detection_data, environment, options.start)
        else:
            data = library.prepare(spec, options.data, options.folder, target, loaders)
            if options.sheet and ranks.is_first:
                speaker.say(samples.draw(data, options.workdir / options.sheet))
            task = Classification(spec, data, environment)
        if ranks.is_first:
            sealed.remove_leftovers(options.workdir)
        if ranks.is_first_here:
            ranks.meet()
        ranks.meet()  # all have their data, so from now on a rank that keeps the others waiting hangs
        stop.interrupts = False
        is_stopped = False
        for event in loop.run(task, environment):
            speaker.say(event)
            is_stopped = isinstance(event, Stopped)
    return EXIT_STOPPED if is_stopped else EXIT_FINISHED


def _planned_bytes(spec: Spec) -> int:
    """What the network needs by its plan. The classes of your own data are not known yet, and weigh little."""
    return plan(spec, MOST_CLASSES if spec.dataset not in BUILT_IN else None).memory_bytes


def _trial(options: argparse.Namespace) -> int:
    return job.perform(partial(_try_machine, options), options.supervised)


def _try_machine(options: argparse.Namespace, speaker: Speaker, stop: Stop) -> int:
    """Load what a run loads, use the device, and write a file. Raises what a run would raise on this machine."""
    del speaker, stop
    if options.supervised:
        walls.enter(options)
    from trainer.data import library  # noqa: F401 - loading it is the trial
    from trainer.files import sealed
    from trainer.loop import train  # noqa: F401
    from trainer.process import device

    device.choose(options.device)
    options.workdir.mkdir(parents=True, exist_ok=True)
    trial = options.workdir / f".trial-{os.getpid()}"
    try:
        sealed.write_bytes(trial, bytes(_TRIAL_BYTES))
    finally:
        trial.unlink(missing_ok=True)
    return EXIT_FINISHED


def _spec(path: Path) -> Spec:
    """The specification in a JSON file. Raises Failure(`invalid`) with one clause per field."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise Failure("invalid", f"The specification {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        # A default that could not be computed because another field is invalid is not reported.
        faults = (fault for fault in error.errors() if fault["type"] != "default_factory_not_called")
        fields = (f"{'.'.join(map(str, fault['loc'])) or 'spec'}: {fault['msg']}" for fault in faults)
        raise Failure("invalid", "; ".join(fields)) from error


def _plan(options: argparse.Namespace) -> int:
    try:
        network_plan = plan(_spec(options.spec), options.classes)
    except (Failure, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    sys.stdout.write(network_plan.model_dump_json(indent=2) + "\n")
    return EXIT_FINISHED


def _data(options: argparse.Namespace) -> int:
    try:
        summary = _summarise(options)
    except (Failure, BadDataSet) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    sys.stdout.write(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    return EXIT_FINISHED


def _summarise(options: argparse.Namespace) -> dict[str, object]:
    from trainer.data import images, library

    if options.folder is not None and (
        summary := library.annotated_summary(options.name, options.data, options.folder)
    ):
        return summary
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
        description="Train the residual networks of He et al. 2015. Prints one JSON event per line.",
        epilog="Exit codes: 0 finished, 1 failed (see the last event), 75 stopped by SIGTERM (run again to resume).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="train, or resume from the checkpoint in the working folder")
    run.set_defaults(command=_run)
    run.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the run's specification (JSON)")
    run.add_argument(
        "--workdir",
        type=Path,
        required=True,
        metavar="DIR",
        help="the last two checkpoints and all weights are kept here",
    )
    add_data_options(run)
    add_machine_options(run)
    run.add_argument(
        "--loaders",
        type=int,
        metavar="N",
        help="processes that decode photographs (default: each device's share of the cores, minus one)",
    )
    run.add_argument(
        "--forked-at",
        type=int,
        metavar="N",
        help="for a fork: the iteration of the parent run's checkpoint in the working folder",
    )
    run.add_argument("--until", type=int, metavar="N", help="stop after iteration N, with a checkpoint, as by SIGTERM")
    run.add_argument(
        "--supervised",
        type=int,
        metavar="PID",
        help="exit when this parent process ends, and leave the saved files for it to delete",
    )
    add_box_option(run)
    add_meeting_options(run)
    run.add_argument(
        "--sheet", metavar="FILE", help="also write some training images of each class to FILE in the working folder"
    )
    run.add_argument(
        "--start", type=Path, metavar="FILE", help="for detection: the weights that the specification's `start` names"
    )

    trial = commands.add_parser("trial", help="try whether this machine can train: libraries, device, working folder")
    trial.set_defaults(command=_trial)
    trial.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="the folder to write to")
    trial.add_argument("--device", choices=DEVICE_CHOICES, default="auto", help="(default: %(default)s)")
    trial.add_argument("--supervised", type=int, metavar="PID", help="exit when this parent process ends")
    add_box_option(trial)

    planning = commands.add_parser("plan", help="print the parameters, multiply-adds, layers and memory of a network")
    planning.set_defaults(command=_plan)
    planning.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the run's specification (JSON)")
    planning.add_argument("--classes", type=int, metavar="N", help="number of classes (required for your own data set)")

    data = commands.add_parser("data", help="download a data set, check it and describe it")
    data.set_defaults(command=_data)
    data.add_argument("name", metavar="NAME", help=f"{', '.join(BUILT_IN)}, or any name with --folder")
    add_data_options(data)

    acceptance.add_command(commands)
    reading.add_command(commands)
    pictures.add_command(commands)
    add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
