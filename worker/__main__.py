"""`python -m worker run | control`: the two processes behind the queue. Each imports only what it needs."""

import argparse
import logging
import socket
import sys
from datetime import UTC, datetime

from store.db.revision import NewerTables, refuse_newer
from store.db.settings import Settings
from trainer.box.privileges import hide
from trainer.process.supervision import die_with

# MPS allows 48 processes on a GPU.
MOST_SLOTS = 48


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    hide()  # a trainer of the same user must not read the database's password
    settings = Settings()
    try:
        refuse_newer(settings.database_url)
    except NewerTables as error:
        sys.exit(str(error))
    if options.command == "control":
        from worker import control

        return control.run(settings)
    try:
        return _run(settings, options, arguments)
    except LookupError as error:
        sys.exit(str(error))


def _run(settings: Settings, options: argparse.Namespace, arguments: list[str]) -> int:
    is_job = options.once or options.idle_exit is not None
    if options.slots > 1 and options.slot is None:
        from worker import slots

        return slots.run(settings, slots.Order(arguments, options.device, options.slots, is_job))
    from worker import batch, run

    if options.supervised:
        die_with(options.supervised)
    job = batch.Batch(options.once, options.idle_exit or 0.0) if is_job else None
    worker = run.WorkerOptions(
        options.name, options.device, options.threads, options.slot or 1, options.slots, until=options.until, batch=job
    )
    return run.run(settings, worker)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker", description="Configured by RESLAB_… environment variables."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    commands.add_parser("control", help="announce waiting runs to the workers and re-queue lost ones")
    run = commands.add_parser("run", help="train runs on one device")
    run.add_argument("--name", default=socket.gethostname(), help="its name on the Workers page (%(default)s)")
    run.add_argument(
        "--device",
        default="auto",
        metavar="auto|cpu|cuda:K",
        help="auto: the first GPU, or the CPU if there is none (%(default)s)",
    )
    run.add_argument("--threads", type=int, metavar="N", help="CPU threads per trainer (all cores of this process)")
    run.add_argument(
        "--slots",
        type=_slots,
        default=1,
        metavar="N",
        help="train up to N runs at once on one GPU, as far as its memory goes by their plans (%(default)s)",
    )
    run.add_argument("--slot", type=int, help=argparse.SUPPRESS)  # of the process that `--slots` starts
    run.add_argument("--supervised", type=int, help=argparse.SUPPRESS)  # by that process
    run.add_argument(
        "--until",
        type=_time,
        metavar="TIME",
        help="then return the run with a checkpoint and end: seconds since 1970, as "
        "in $SLURM_JOB_END_TIME, or like 2026-01-31T08:00+01:00",
    )
    jobs = run.add_argument_group("as a job of a batch system, which needs no broker")
    jobs.add_argument("--once", action="store_true", help="train one run and end; with none in the queue, end at once")
    jobs.add_argument("--idle-exit", type=_seconds, metavar="S", help="end after S seconds without a run")
    return parser


def _time(text: str) -> datetime:
    try:
        until = datetime.fromtimestamp(float(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time: give seconds since 1970, or 2026-01-31T08:00"
        ) from error
    return until.astimezone(UTC)


def _slots(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_SLOTS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of slots: give 1 to {MOST_SLOTS}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds: give 0 or more")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
