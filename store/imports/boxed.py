"""Reads what strangers sent as a result, or as start weights, in a process and a trainer's box of its own.

The API itself parses none of it: `read`, `convert` and `check` start `python -m store.imports.boxed` and wait for it.
`main` is that process.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

import numpy as np
from pydantic import BaseModel

from store.curves.points import Points
from store.db.errors import Refused
from store.imports import content, reading, weights
from store.imports.declaration import FileFormat, ForeignSeries, Reading, WeightsInput
from store.imports.reading import ForeignCurve
from store.imports.weights import Described
from store.weights import checking, tensors
from store.weights.checking import Checked
from trainer.box import variables, walls
from trainer.detection.spec import DetectionNetwork
from trainer.spec import RunSpec

# In the working folder: the request, what came of it, the points of all series, and the weights before and after.
_REQUEST, _ANSWER, _POINTS, _SENT, _CONVERTED = "request.json", "answer.json", "points", "sent", "weights.safetensors"
# 64 MiB of CSV take seconds.
_LONGEST_S: Final = 300.0


class _CurveAnswer(BaseModel):
    format: FileFormat
    points: dict[ForeignSeries, int]
    others: tuple[str, ...]


class _WeightsRequest(BaseModel):
    spec: RunSpec
    classes: int
    iteration: int
    test_error: float | None
    unknown: tuple[str, ...]
    input: WeightsInput | None


class _WeightsAnswer(BaseModel):
    sha256: str
    size_bytes: int


class _StartRequest(BaseModel):
    network: DetectionNetwork


class _Answer(BaseModel):
    """One of them: what was read, why it can't be used (its field and a sentence), or what the machine refused."""

    curve: _CurveAnswer | None = None
    weights: _WeightsAnswer | None = None
    start: Checked | None = None
    refusal: tuple[str, str] | None = None
    fault: tuple[int, str] | None = None


def read(files: Sequence[IO[bytes]], declared: Reading, *, is_boxed: bool = True) -> ForeignCurve:
    """As `reading.read`. Raises Refused with what is wrong, and OSError, as for a full disk."""
    with tempfile.TemporaryDirectory(prefix="reslab-import-") as name:
        folder = Path(name)
        for number, file in enumerate(files):
            _copy(file, folder / f"{_SENT}-{number:03}")
        answer = _ask("read", folder, declared, is_boxed).curve
        if answer is None:
            raise Refused(content.FIELD, "Nothing was read from the file.")
        return ForeignCurve(answer.format, dict(_parsed(folder / _POINTS, answer.points)), answer.others)


@contextmanager
def convert(
    file: IO[bytes], described: Described, input_: WeightsInput | None, *, is_boxed: bool = True
) -> Iterator[tuple[Path, str, int]]:
    """As `weights.convert`: the new file, its SHA-256 and its size. The file is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="reslab-import-") as name:
        folder = Path(name)
        _copy(file, folder / _SENT)
        request = _WeightsRequest(**vars(described), input=input_)
        answer = _ask("convert", folder, request, is_boxed).weights
        if answer is None:
            raise Refused(tensors.FIELD, "Nothing was read from the weights.")
        yield folder / _CONVERTED, answer.sha256, answer.size_bytes


@contextmanager
def check(file: IO[bytes], network: DetectionNetwork, *, is_boxed: bool = True) -> Iterator[tuple[Path, Checked]]:
    """As `store.weights.checking.check`, with a copy of the file, which is gone after the block.

    The hash comes out of the box: the object store compares it with the bytes that it stores.
    """
    with tempfile.TemporaryDirectory(prefix="reslab-start-") as name:
        folder = Path(name)
        _copy(file, folder / _SENT)
        answer = _ask("check", folder, _StartRequest(network=network), is_boxed).start
        if answer is None:
            raise Refused(tensors.FIELD, "Nothing was read from the weights.")
        yield folder / _SENT, answer


def _copy(file: IO[bytes], target: Path) -> None:
    with target.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    file.seek(0)


def _ask(task: str, folder: Path, request: BaseModel, is_boxed: bool) -> _Answer:
    field = content.FIELD if task == "read" else tensors.FIELD
    (folder / _REQUEST).write_text(request.model_dump_json())
    command = [sys.executable, "-P", "-m", "store.imports.boxed", task, "--workdir", str(folder)]
    command += ["--supervised", str(os.getpid()), *(() if is_boxed else ("--no-box",))]
    try:
        process = subprocess.run(
            command,
            env=variables.environment({}),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(field, f"Reading it took longer than {_LONGEST_S:.0f} s.") from None
    if process.returncode != 0:
        raise Refused(field, f"It can't be read: the process that tried ended with code {process.returncode}.")
    answer = _Answer.model_validate_json((folder / _ANSWER).read_text())
    if answer.fault:
        raise OSError(*answer.fault)
    if answer.refusal:
        raise Refused(*answer.refusal)
    return answer


def _parsed(file: Path, counts: dict[ForeignSeries, int]) -> Iterator[tuple[ForeignSeries, Points]]:
    """The series in the file that the box has written, which is not trusted either."""
    with file.open("rb") as source:
        for name, count in counts.items():
            iteration = np.fromfile(source, np.int64, count)
            value = np.fromfile(source, np.float64, count)
            is_curve = 0 < count == len(value) and iteration[0] > 0 and np.all(np.diff(iteration) > 0)
            if not (is_curve and np.all(np.isfinite(value))):
                raise Refused(content.FIELD, f"What was read of {name} is not a curve.")
            yield name, Points(iteration, value)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m store.imports.boxed")
    parser.add_argument("task", choices=("read", "convert", "check"))
    parser.add_argument("--workdir", type=Path, required=True)
    parser.add_argument("--supervised", type=int, required=True)
    parser.add_argument("--no-box", action="store_true")
    options = parser.parse_args()
    walls.enter_supervised(options)
    work = {"read": _read, "convert": _convert, "check": _check}[options.task]
    (options.workdir / _ANSWER).write_text(_answer(work, options.workdir).model_dump_json())
    return 0


def _answer(work: Callable[[Path], _Answer], folder: Path) -> _Answer:
    try:
        return work(folder)
    except Refused as refusal:
        return _Answer(refusal=(refusal.field, str(refusal)))
    except OSError as error:
        return _Answer(fault=(error.errno or 0, error.strerror or str(error)))


def _read(folder: Path) -> _Answer:
    declared = Reading.model_validate_json((folder / _REQUEST).read_text())
    with ExitStack() as opened:
        files = [opened.enter_context(path.open("rb")) for path in sorted(folder.glob(f"{_SENT}-*"))]
        curve = reading.read(files, declared)
    with (folder / _POINTS).open("wb") as out:
        for points in curve.series.values():
            out.write(points.iteration.astype(np.int64).tobytes() + points.value.astype(np.float64).tobytes())
    counts = {name: len(points.value) for name, points in curve.series.items()}
    return _Answer(curve=_CurveAnswer(format=curve.format, points=counts, others=curve.others))


def _convert(folder: Path) -> _Answer:
    request = _WeightsRequest.model_validate_json((folder / _REQUEST).read_text())
    described = Described(request.spec, request.classes, request.iteration, request.test_error, request.unknown)
    with (folder / _SENT).open("rb") as file:
        sha256, size_bytes = weights.convert(file, folder / _CONVERTED, described, request.input)
    return _Answer(weights=_WeightsAnswer(sha256=sha256, size_bytes=size_bytes))


def _check(folder: Path) -> _Answer:
    request = _StartRequest.model_validate_json((folder / _REQUEST).read_text())
    with (folder / _SENT).open("rb") as file:
        return _Answer(start=checking.check(file, request.network))


if __name__ == "__main__":
    sys.exit(main())
