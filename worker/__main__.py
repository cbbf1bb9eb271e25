"""`python -m worker run | control`: the two processes behind the queue."""

import argparse
import logging
import sys

from store.settings import Settings
from worker import control, run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m worker", description="Configured by RESLAB_… variables.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run.add_arguments(commands.add_parser("run", help="train runs on one device"))
    control.add_arguments(commands.add_parser("control", help="ring for waiting runs, take back lost ones"))
    options = parser.parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    code: int = options.command(options, Settings())
    return code


if __name__ == "__main__":
    sys.exit(main())
