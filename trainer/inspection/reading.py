"""Owns the reading of strangers' archives and folders, in a process of its own and in its box. Loads no torch.

`inspect` starts `python -m trainer inspect` and waits for it; `command` is that process.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from trainer import archive
from trainer.archive import BadDataSet, Limits
from trainer.box import variables, walls
from trainer.inspection import contents
from trainer.inspection.contents import Contents
from trainer.process.options import add_box_option

# In the working folder.
IMAGES, SHEET = "images", "sheet.png"
_LAST_WORDS = 300


@dataclass(frozen=True)
class Inspection:
    """What to read, and where to put what comes of it: an archive's files in `workdir`/IMAGES."""

    name: str
    source: Path
    workdir: Path
    has_sheet: bool = False  # also draw sample images to `workdir`/SHEET, of images by class
    is_registered: bool = False  # its files were hashed before, so the answer has no hash
    data: Path | None = None  # where file hashes are remembered
    most_bytes: int = Limits().total_bytes
    is_boxed: bool = True

    @property
    def images(self) -> Path:
        return self.source if self.source.is_dir() else self.workdir / IMAGES


class _Answer(BaseModel):
    """One of them: what the data set contains, why it can't be used, or what the machine refused."""

    contents: Contents | None = None
    refusal: str | None = None
    fault: tuple[int, str, str] | None = None


def inspect(inspection: Inspection) -> Contents:
    """Raises BadDataSet if the data set can't be used, and OSError, as for a full disk."""
    process = subprocess.run(
        [sys.executable, "-P", "-m", "trainer", "inspect", *_arguments(inspection), "--supervised", str(os.getpid())],
        env=variables.environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if process.returncode != 0:
        raise BadDataSet(f"Reading it ended with code {process.returncode}: {process.stderr[-_LAST_WORDS:].strip()}")
    answer = _Answer.model_validate_json(process.stdout)
    if answer.fault is not None:
        raise OSError(*answer.fault)
    if answer.contents is None:
        raise BadDataSet(answer.refusal)
    return answer.contents


def _arguments(inspection: Inspection) -> list[str]:
    flags = {
        "--sheet": inspection.has_sheet,
        "--registered": inspection.is_registered,
        "--no-box": not inspection.is_boxed,
    }
    data = ("--data", str(inspection.data)) if inspection.data else ()
    return [
        *(str(inspection.source), "--name", inspection.name, "--workdir", str(inspection.workdir)),
        *data,
        *("--most-bytes", str(inspection.most_bytes), *(flag for flag, is_on in flags.items() if is_on)),
    ]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "unpack and read a data set, and draw samples of it; prints a JSON object"
    parser = commands.add_parser("inspect", help=about)
    parser.set_defaults(command=_command)
    parser.add_argument("folder", type=Path, metavar="SOURCE", help="an archive or a folder")
    parser.add_argument("--name", required=True, help="the data set's name")
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="an archive is unpacked in it")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where the hashes of files are remembered")
    parser.add_argument("--most-bytes", type=int, default=Limits().total_bytes, metavar="N", help="to unpack at most")
    parser.add_argument("--sheet", action="store_true", help=f"draw sample images to {SHEET} in the working folder")
    parser.add_argument("--registered", action="store_true", help="its files were hashed before")
    parser.add_argument("--supervised", type=int, metavar="PID", help="exit when this parent process ends")
    add_box_option(parser)


def _command(options: argparse.Namespace) -> int:
    if options.supervised:
        walls.enter_supervised(options)
    sys.stdout.write(_answer(lambda: _read(options)).model_dump_json() + "\n")
    return 0


def _answer(read: Callable[[], Contents]) -> _Answer:
    try:
        return _Answer(contents=read())
    except BadDataSet as error:
        return _Answer(refusal=str(error))
    except OSError as error:
        return _Answer(fault=(error.errno or 0, error.strerror or str(error), str(error.filename or "")))


def _read(options: argparse.Namespace) -> Contents:
    folder: Path = options.folder
    if not folder.is_dir():
        folder = archive.unpack(folder, options.workdir / IMAGES, Limits(total_bytes=options.most_bytes))
    known = contents.read(options.name, folder, options.data or options.workdir, is_registered=options.registered)
    if options.sheet and known.annotation is None:
        from trainer.data import sheet

        (options.workdir / SHEET).write_bytes(sheet.samples(archive.scan(folder, hash_of=lambda _: "")))
    return known
