"""Owns `python -m trainer check`: its options, what it prints, its exit code. Loads no torch before it is run."""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from trainer.acceptance.report import HEAD, Measurement
from trainer.box import walls
from trainer.events import EXIT_FAILED, EXIT_FINISHED
from trainer.process import job
from trainer.process.job import Speaker
from trainer.process.options import add_box_option, add_machine_options
from trainer.process.supervision import Stop

Commands = argparse._SubParsersAction  # noqa: SLF001 -- its only name
# In the order in which they are measured; trainer/acceptance/check.py has the same.
TOPICS: Final = (
    *("arithmetic", "determinism", "graph", "resume", "memory", "synchronisation"),
    *("loop", "speed", "convolutions", "devices", "photographs"),
)


def add_command(commands: "Commands[argparse.ArgumentParser]") -> None:
    about = "measure whether this machine trains correctly, and how fast, in five minutes"
    command = commands.add_parser(
        "check",
        help=about,
        description=f"{about[0].upper()}{about[1:]}. Prints a table with a line for each claim.",
        epilog="Exit codes: 0 nothing failed, 1 something failed. See docs/gpu.md.",
    )
    command.set_defaults(command=_command)
    add_machine_options(command)
    command.add_argument(
        "--devices", type=_count, default=1, metavar="N", help="also measure a run on N devices (default: %(default)s)"
    )
    command.add_argument("--report", type=Path, metavar="FILE", help="also write the report, as JSON to a .json file")
    command.add_argument("--short", action="store_true", help="small networks, each measured once, in half a minute")
    command.add_argument(
        "--only", type=_topics, default=TOPICS, metavar="NAMES", help=f"of {','.join(TOPICS)} (default: all)"
    )
    command.add_argument("--workdir", type=Path, metavar="DIR", help="where to work (default: a temporary folder)")
    command.add_argument(
        "--supervised", type=int, metavar="PID", help="with --workdir: exit when this parent process ends"
    )
    add_box_option(command)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of devices; give 1 or more")
    return int(text)


def _topics(text: str) -> tuple[str, ...]:
    names = text.split(",")
    if strangers := [name for name in names if name not in TOPICS]:
        raise argparse.ArgumentTypeError(f"{strangers[0]!r} is not among {', '.join(TOPICS)}")
    return tuple(topic for topic in TOPICS if topic in names)


def _command(options: argparse.Namespace) -> int:
    if options.supervised:
        return job.perform(partial(_supervised, options), options.supervised)
    if options.workdir is not None:
        return _check(options, options.workdir)
    with tempfile.TemporaryDirectory(prefix="reslab-check-") as folder:
        return _check(options, Path(folder))


def _supervised(options: argparse.Namespace, speaker: Speaker, stop: Stop) -> int:
    del speaker
    walls.enter(options)
    stop.interrupts = True  # there is nothing to lose
    return _check(options, options.workdir)


def _check(options: argparse.Namespace, workdir: Path) -> int:
    from trainer.acceptance.check import check
    from trainer.acceptance.conditions import Conditions, cifar
    from trainer.process import device

    target = device.choose(options.device)
    device.prepare(cifar(20), options.threads)
    workdir.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(HEAD + "\n")
    report = check(Conditions(target, workdir, options.devices, options.short), options.only, _show)
    sys.stdout.write(f"\n{report.summary()}\n")
    if options.report:
        report.write(options.report)
    return EXIT_FINISHED if report.is_accepted else EXIT_FAILED


def _show(measurement: Measurement) -> None:
    sys.stdout.write(measurement.row() + "\n")
    sys.stdout.flush()
