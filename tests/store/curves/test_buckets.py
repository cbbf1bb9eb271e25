"""A curve shows the stored points, at every zoom."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.curves.buckets import Window, bucketed, smooth, with_digits, with_short_means
from store.curves.points import Points
from store.curves.series import Series
from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import attempts, verbs
from tests.store.conftest import claim, curve_of, steps
from trainer.events import Evaluated

errors = st.lists(st.floats(0, 100, width=32), min_size=1, max_size=400)
zoom = st.integers(0, 10).map(lambda power: 2**power)


def points(values: Sequence[float], first: int = 1) -> Points:
    return Points(np.arange(first, first + len(values)), np.array(values, np.float32))


@given(values=errors, first=st.integers(1, 5000), step=zoom)
def test_no_extreme_is_lost_and_the_mean_is_the_weighted_mean(values: list[float], first: int, step: int) -> None:
    column = points(values, first)
    curve = bucketed(column, None, step)
    assert max(curve.mean if curve.most is None else curve.most) == column.value.max()
    assert min(curve.mean if curve.least is None else curve.least) == column.value.min()
    sizes = np.diff([*np.maximum(curve.iteration, first), first + len(values)])
    assert np.average(curve.mean, weights=sizes) == pytest.approx(column.value.mean(dtype=np.float64), rel=1e-6)
    assert curve.points == len(values)


LARGEST = float(np.finfo(np.float32).max)
anything = st.lists(st.floats(-LARGEST, LARGEST, width=32), min_size=1, max_size=100)


@given(values=anything, step=zoom)
def test_for_a_screen_means_are_right_to_a_part_in_16000_and_other_columns_exact(
    values: list[float], step: int
) -> None:
    exact = bucketed(points(values), None, step)
    shown = with_short_means(exact)
    if exact.least is None or exact.most is None:
        assert shown is exact
        return
    assert shown.least is exact.least
    assert shown.most is exact.most
    # Below 1e-38, where float32 is denormal, an error is a single step.
    assert shown.mean == pytest.approx(exact.mean, rel=2**-14, abs=2**-139)
    assert np.all((exact.least <= shown.mean) & (shown.mean <= exact.most))


@given(values=anything, step=zoom, digits=st.integers(1, 9))
def test_with_few_digits_the_range_still_holds_every_point(values: list[float], step: int, digits: int) -> None:
    exact = bucketed(points(values), None, step)
    shown = with_digits(exact, digits)
    # Half of the last digit, and half a step of float32; below 1e-38, where it is denormal, an error is a whole one.
    assert shown.mean == pytest.approx(exact.mean, rel=0.51 * 10 ** (1 - digits) + 2**-24, abs=2**-149)
    if exact.least is None or exact.most is None or shown.least is None or shown.most is None:
        assert shown.least is shown.most is exact.least is exact.most is None
        return
    least, most = exact.least.astype(np.float64), exact.most.astype(np.float64)  # 1.000001 of the largest overflows
    assert np.all(shown.least <= least + np.abs(least) * 1e-6)
    assert np.all(shown.most >= most - np.abs(most) * 1e-6)


@given(values=errors, more=errors, step=zoom)
def test_a_full_bucket_never_changes(values: list[float], more: list[float], step: int) -> None:
    early = bucketed(points(values), None, step)
    late = bucketed(points(values + more), None, step)
    full = len(values) // step if step > 1 else len(values)
    if early.most is None or late.most is None:
        return  # so few points that each has its own bucket
    assert early.iteration[:full].tolist() == late.iteration[:full].tolist()
    assert early.mean[:full].tolist() == late.mean[:full].tolist()
    assert early.most[:full].tolist() == late.most[:full].tolist()


@given(values=errors, spike=st.integers(0, 399), step=zoom)
def test_a_spike_of_one_iteration_is_visible_at_every_zoom(values: list[float], spike: int, step: int) -> None:
    at = spike % len(values)
    values[at] = 1e6
    curve = bucketed(points(values), None, step)
    shown = curve.mean if curve.most is None else curve.most
    (index,) = np.flatnonzero(shown == 1e6)
    assert curve.iteration[index] <= at + 1 < curve.iteration[index] + step


@given(first=st.integers(1, 70_000), length=st.integers(1, 700_000), points=st.integers(1, 5000))
def test_a_window_fits_its_points_and_half_its_step_would_not(first: int, length: int, points: int) -> None:
    window = Window(first, first + length - 1, points)

    def count(step: int) -> int:
        return (window.last - 1) // step - (window.first - 1) // step + 1

    # Two neighbours may straddle a border of every grid; a single bucket is then impossible.
    assert count(window.step) <= points
    assert window.step == 1 or count(window.step // 2) > points


@given(values=errors, weight=st.sampled_from([0.0, 0.1, 0.6, 0.9, 0.99, 0.999]))
def test_smoothing_equals_its_definition(values: list[float], weight: float) -> None:
    expected, average = [], 0.0
    for count, value in enumerate(values, start=1):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight**count))
    assert smooth(np.array(values), weight) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("weight", [1 - 1e-12, math.nextafter(1, 0)])
def test_a_weight_near_one_needs_no_more_memory_than_the_points(weight: float) -> None:
    """A block of such a weight would have 10^13 elements, and any reader could request it."""
    assert smooth(np.full(1000, 7.5), weight) == pytest.approx([7.5] * 1000, rel=1e-3)


@pytest.fixture
def trained(database: Database, submit: Callable[..., Run], worker: Worker) -> Run:
    """3,000 iterations with one spike, in uneven batches, evaluated twice."""
    run = submit(iterations=3000)
    lease = claim(database, worker)
    borders = [1, 2, 700, 1024, 1500, 2049, 3001]
    for number, (first, end) in enumerate(pairwise(borders), start=1):
        with database.transaction() as session:
            attempts.append(session, run.id, lease.attempt, number, [steps(first, end - first)])
    with database.transaction() as session:
        events = [
            Evaluated(iteration=at, split="test", error=error, top5_error=1, loss=2, images=10)
            for at, error in [(1000, 9.5), (3000, 8.25)]
        ]
        attempts.append(session, run.id, lease.attempt, len(borders), [*events])
        return verbs.get(session, run.id)


@given(first=st.integers(1, 70_000), length=st.integers(1, 700_000), points=st.integers(1, 5000))
def test_a_window_is_widened_to_whole_buckets(first: int, length: int, points: int) -> None:
    window = Window(first, first + length - 1, points)
    start, end = window.borders
    assert start <= window.first
    assert end >= window.last
    assert ((start - 1) % window.step, end % window.step) == (0, 0)
    assert (end - start + 1) // window.step <= points


@pytest.mark.parametrize("smoothing", [0, 0.6])
def test_zoom_refines_down_to_the_raw_points(database: Database, trained: Run, smoothing: float) -> None:
    with database.transaction() as session:
        wide = curve_of(session, trained.id, "train_loss", Window(1, 3000, 100, smoothing))
        near = curve_of(session, trained.id, "train_loss", Window(1000, 1099, 100, smoothing))
    assert wide.iteration[:3].tolist() == [1, 33, 65]
    assert near.iteration.tolist() == list(range(1000, 1100))
    assert near.mean == pytest.approx([i / 10 for i in range(1000, 1100)], rel=1e-6)
    assert (near.least, near.most) == (None, None)


def test_a_bucket_at_the_windows_border_is_whole(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        whole = curve_of(session, trained.id, "train_loss", Window(1, 3000, 100))
        cut = curve_of(session, trained.id, "train_loss", Window(50, 2990, 93))
    assert cut.iteration.tolist() == whole.iteration[1:].tolist()
    assert cut.mean.tolist() == whole.mean[1:].tolist()


def test_smoothing_does_not_depend_on_the_zoom(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        whole = curve_of(session, trained.id, "train_error", Window(1, 3000, 3000, 0.9))
        near = curve_of(session, trained.id, "train_error", Window(2000, 2010, 100, 0.9))
    assert whole.smoothed is not None
    assert near.smoothed is not None
    assert near.smoothed.tolist() == whole.smoothed[1999:2010].tolist()


def test_the_learning_rate_evaluations_and_samples_are_never_smoothed(database: Database, trained: Run) -> None:
    names: tuple[Series, ...] = ("lr", "test_error", "images_per_s")
    with database.transaction() as session:
        for series in names:
            assert curve_of(session, trained.id, series, Window(1, 3000, 100, 0.9)).smoothed is None


def test_evaluations_keep_their_own_iterations(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        curve = curve_of(session, trained.id, "test_error", Window(1, 3000, 100))
    assert (curve.iteration.tolist(), curve.mean.tolist()) == ([1000, 3000], [9.5, 8.25])


def test_more_evaluations_than_buckets_go_into_buckets(database: Database, trained: Run) -> None:
    with database.transaction() as session:
        curve = curve_of(session, trained.id, "test_error", Window(1, 4000, 1))
    assert curve.least is not None
    assert (curve.iteration.tolist(), curve.mean.tolist(), curve.least.tolist()) == ([1], [8.875], [8.25])


def test_fewer_points_than_buckets_stay_raw(database: Database, submit: Callable[..., Run], worker: Worker) -> None:
    run = submit(iterations=3000, log_every=100)
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(100, 20, every=100)])
        curve = curve_of(session, run.id, "train_loss", Window(1, 3000, 100))
    assert (curve.iteration.tolist(), curve.least) == (list(range(100, 2001, 100)), None)
