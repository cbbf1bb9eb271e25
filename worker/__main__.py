"""`python -m worker run | control`: the two processes behind the queue. Each imports only what it needs."""

import argparse
import logging
import socket
import sys

from store.db.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings()
    if options.command == "control":
        from worker import control

        return control.run(settings)
    from worker import run

    try:
        return run.run(settings, run.WorkerOptions(options.name, options.device, options.threads))
    except LookupError as error:
        sys.exit(str(error))


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
    return parser


if __name__ == "__main__":
    sys.exit(main())
