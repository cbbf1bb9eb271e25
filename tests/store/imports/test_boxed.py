"""A result from elsewhere is read in a process and a box of its own, whose answer is checked."""

import io
from pathlib import Path

import numpy as np
import pytest

from store.db.errors import Refused
from store.imports import boxed
from store.imports.declaration import Reading
from trainer.box import landlock

CURVE = b"iteration,test_error\n10,60.5\n20,41\n"
boxes = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")


@pytest.mark.parametrize("is_boxed", [True, False])
def test_a_curve_comes_out_of_the_box_as_it_was_sent(is_boxed: bool) -> None:
    curve = boxed.read([io.BytesIO(CURVE)], Reading(), is_boxed=is_boxed)
    assert (curve.format, curve.others) == ("csv", ())
    assert curve.series["test_error"].iteration.tolist() == [10, 20]
    assert curve.series["test_error"].value.tolist() == [60.5, 41]


def test_a_refusal_comes_out_in_words() -> None:
    with pytest.raises(Refused, match="test_error must be a number"):
        boxed.read([io.BytesIO(CURVE + b"30,x\n")], Reading())


@boxes
def test_what_is_outside_the_working_folder_is_closed_to_what_reads(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.csv", tmp_path / "work"
    secret.write_bytes(CURVE)
    folder.mkdir()
    (folder / "sent-000").symlink_to(secret)
    with pytest.raises(PermissionError):
        boxed._ask("read", folder, Reading(), is_boxed=True)


@pytest.mark.parametrize(
    ("iterations", "values", "count"),
    [([2, 1], [1, 1], 2), ([0, 1], [1, 1], 2), ([1, 2], [1, np.nan], 2), ([1, 2], [1], 2), ([], [], 0)],
)
def test_points_from_the_box_are_not_trusted(
    iterations: list[int], values: list[float], count: int, tmp_path: Path
) -> None:
    file = tmp_path / "points"
    file.write_bytes(np.array(iterations, np.int64).tobytes() + np.array(values, np.float64).tobytes())
    with pytest.raises(Refused, match="is not a curve"):
        list(boxed._parsed(file, {"test_error": count}))


def test_a_process_that_dies_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="ended with code"):
        boxed._ask("read", tmp_path, boxed._WeightsAnswer(sha256="", size_bytes=0), is_boxed=False)
