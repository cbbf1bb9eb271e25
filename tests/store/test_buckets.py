"""What a curve shows is what was stored, at every zoom."""

import csv
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import attempts, buckets, runs
from store.buckets import Window, bucketed, smooth
from store.database import Database
from store.models import Run, Worker
from tests.store.conftest import claim, steps
from trainer.events import Evaluated

errors = st.lists(st.floats(0, 100, width=32), min_size=1, max_size=400)
zoom = st.integers(0, 10).map(lambda power: 2**power)


@given(values=errors, first=st.integers(1, 5000), step=zoom)
def test_no_extreme_is_lost_and_the_mean_is_the_weighted_mean(values: list[float], first: int, step: int) -> None:
    column = np.array(values)
    curve = bucketed(np.arange(first, first + len(values)), column, None, step)
    assert max(curve.most or curve.mean) == column.max()
    assert min(curve.least or curve.mean) == column.min()
    sizes = np.diff([*(max(x, first) for x in curve.iteration), first + len(values)])
    assert np.average(curve.mean, weights=sizes) == pytest.approx(column.mean())
    assert curve.points == len(values)


@given(values=errors, more=errors, step=zoom)
def test_a_bucket_that_is_full_never_changes(values: list[float], more: list[float], step: int) -> None:
    early = bucketed(np.arange(1, len(values) + 1), np.array(values), None, step)
    both = np.array(values + more)
    late = bucketed(np.arange(1, len(both) + 1), both, None, step)
    full = len(values) // step
    assert early.iteration[:full] == late.iteration[:full]
    assert early.mean[:full] == late.mean[:full]
    assert (early.most or [])[:full] == (late.most or [])[:full]


@given(first=st.integers(1, 70_000), length=st.integers(1, 700_000), points=st.integers(1, 5000))
def test_a_window_fits_its_points_and_half_its_step_would_not(first: int, length: int, points: int) -> None:
    window = Window(first, first + length - 1, points)

    def count(step: int) -> int:
        return (window.last - 1) // step - (window.first - 1) // step + 1

    # Two neighbours may straddle a border of every grid; one bucket can then not be had.
    assert count(window.step) <= points
    assert window.step == 1 or count(window.step // 2) > points


@given(values=errors, weight=st.sampled_from([0.0, 0.1, 0.6, 0.9, 0.99, 0.999]))
def test_smoothing_equals_its_definition(values: list[float], weight: float) -> None:
    expected, average = [], 0.0
    for count, value in enumerate(values, start=1):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight**count))
    assert smooth(np.array(values), weight) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.fixture
def trained(database: Database, submit: Callable[..., Run], worker: Worker) -> Run:
    """3,000 iterations with one spike, in uneven batches, evaluated twice."""
    run = submit(iterations=3000)
    held = claim(database, worker)
    borders = [1, 2, 700, 1024, 1500, 2049, 3001]
    for number, (first, end) in enumerate(pairwise(borders), start=1):
        with database.transaction() as session:
            attempts.append(session, run.id, held.attempt, number, [steps(first, end - first)])
    with database.transaction() as session:
        told = [
            Evaluated(iteration=at, split="test", error=error, top5_error=1, loss=2, images=10)
            for at, error in [(1000, 9.5), (3000, 8.25)]
        ]
        attempts.append(session, run.id, held.attempt, len(borders), [*told])
        return runs.get(session, run.id)


@pytest.mark.parametrize("smoothing", [0, 0.6])
def test_zoom_refines_down_to_the_raw_points(database: Database, trained: Run, smoothing: float) -> None:
    with database.transaction() as session:
        wide = buckets.read(session, trained.id, "train_loss", Window(1, 3000, 100, smoothing))
        near = buckets.read(session, trained.id, "train_loss", Window(1000, 1099, 100, smoothing))
    assert wide.iteration[:3] == [1, 33, 65]
    assert near.iteration == list(range(1000, 1100))
    assert near.mean == pytest.approx([i / 10 for i in range(1000, 1100)], rel=1e-6)
    assert (near.least, near.most) == (None, None)


def test_smoothing_does_not_depend_on_the_zoom(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        whole = buckets.read(session, trained.id, "train_error", Window(1, 3000, 3000, 0.9))
        near = buckets.read(session, trained.id, "train_error", Window(2000, 2010, 100, 0.9))
    assert whole.smoothed is not None
    assert near.smoothed == whole.smoothed[1999:2010]


def test_the_learning_rate_and_evaluations_are_never_smoothed(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        for series in ("lr", "test_error"):
            assert buckets.read(session, trained.id, series, Window(1, 3000, 100, 0.9)).smoothed is None


def test_evaluations_keep_their_own_iterations(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        curve = buckets.read(session, trained.id, "test_error", Window(1, 3000, 100))
    assert (curve.iteration, curve.mean) == ([1000, 3000], [9.5, 8.25])


def test_csv_holds_every_point_of_every_series(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        rows = list(csv.DictReader(buckets.csv_lines(session, trained)))
    assert [int(row["iteration"]) for row in rows] == list(range(1, 3001))
    assert [float(row["train_loss"]) for row in rows] == pytest.approx([i / 10 for i in range(1, 3001)], rel=1e-6)
    assert {row["iteration"]: row["test_error"] for row in rows if row["test_error"]} == {"1000": "9.5", "3000": "8.25"}
    assert rows[0]["val_error"] == ""
