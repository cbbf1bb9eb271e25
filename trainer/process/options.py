"""Owns the command-line options that several commands share. Loads no torch."""

import argparse
from pathlib import Path
from typing import Final, Literal, get_args

DeviceChoice = Literal["auto", "cpu", "cuda"]
DEVICE_CHOICES: Final[tuple[DeviceChoice, ...]] = get_args(DeviceChoice)


def add_machine_options(parser: argparse.ArgumentParser) -> None:
    """The device and its threads."""
    parser.add_argument("--device", choices=DEVICE_CHOICES, default="auto", help="(default: %(default)s)")
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads (default: all cores of this process)")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Where data sets are."""
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(".reslab/data"),
        metavar="DIR",
        help="where data sets are kept (default: %(default)s)",
    )
    parser.add_argument("--folder", type=Path, metavar="PATH", help="your own data set: a folder or an archive")


def add_box_option(parser: argparse.ArgumentParser) -> None:
    """Outside its box, a supervised trainer can read and write what its user can."""
    parser.add_argument(
        "--no-box", action="store_true", help="with --supervised: keep all rights (see docs/security.md)"
    )
