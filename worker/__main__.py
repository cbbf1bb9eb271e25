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
        return run.run(settings, run.Wish(options.name, options.device, options.threads))
    except LookupError as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker", description="Configured by RESLAB_… variables.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    commands.add_parser("control", help="ring for waiting runs, take back lost ones")
    run = commands.add_parser("run", help="train runs on one device")
    run.add_argument("--name", default=socket.gethostname(), help="what the workers' page calls it (%(default)s)")
    run.add_argument(
        "--device", default="auto", metavar="auto|cpu|cuda:K", help="auto: the first GPU, else the CPU (%(default)s)"
    )
    run.add_argument("--threads", type=int, metavar="N", help="CPU threads of a trainer (all of this process's cores)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
