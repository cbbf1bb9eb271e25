"""Owns the scaling down of strangers' pictures for a page, in a process of its own and in its box. Loads no torch."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from trainer.box import variables, walls
from trainer.manifest import BadDataSet
from trainer.process.options import add_box_option

# In the working folder: what to draw, and each picture by its place in that list.
_LIST, _REFUSAL, _QUALITY = "pictures.json", "refusal", 80


class Picture(NamedTuple):
    """A file below the root, and the size in pixels that it is drawn in."""

    path: str
    width: int
    height: int


def draw(root: Path, pictures: Sequence[Picture], *, is_boxed: bool = True) -> list[bytes]:
    """JPEG files of these pictures. Raises BadDataSet, naming the first file that can't be decoded."""
    with tempfile.TemporaryDirectory() as folder:
        workdir = Path(folder)
        (workdir / _LIST).write_text(json.dumps(pictures))
        command = [sys.executable, "-P", "-m", "trainer", "draw", str(root), "--workdir", folder]
        done = subprocess.run(
            [*command, "--supervised", str(os.getpid()), *(() if is_boxed else ("--no-box",))],
            env=variables.environment({}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if (workdir / _REFUSAL).exists():
            raise BadDataSet((workdir / _REFUSAL).read_text())
        if done.returncode != 0:
            raise BadDataSet(f"The pictures could not be drawn: the process ended with code {done.returncode}.")
        return [(workdir / f"{number}.jpg").read_bytes() for number in range(len(pictures))]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("draw", help=f"draw the pictures that {_LIST} in the working folder lists, as JPEG")
    parser.set_defaults(command=_command)
    parser.add_argument("folder", type=Path, metavar="ROOT", help="the folder of the files")
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="where the list is")
    parser.add_argument("--supervised", type=int, metavar="PID", help="exit when this parent process ends")
    add_box_option(parser)


def _command(options: argparse.Namespace) -> int:
    workdir: Path = options.workdir
    if options.supervised:
        walls.enter_supervised(options)
    from trainer.data.decoding import decode

    try:
        for number, entry in enumerate(json.loads((workdir / _LIST).read_text())):
            picture = Picture(*entry)
            image = decode(options.folder / picture.path, picture.path).resize((picture.width, picture.height))
            image.save(workdir / f"{number}.jpg", "JPEG", quality=_QUALITY)
    except BadDataSet as error:
        (workdir / _REFUSAL).write_text(str(error))
        return 1
    return 0
