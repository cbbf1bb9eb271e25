"""Groups of runs: every member counts."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.curves import groups
from store.curves.buckets import Window
from store.curves.points import Points
from store.db.models import Run

members = st.lists(st.lists(st.floats(0, 100, width=32), min_size=1, max_size=200), min_size=1, max_size=8)


def points(values: list[float]) -> Points:
    return Points(np.arange(1, len(values) + 1), np.array(values, np.float32))


@given(values=members, most=st.integers(1, 300))
def test_a_band_is_the_statistics_of_its_members(values: list[list[float]], most: int) -> None:
    window = Window(1, 200, most)
    band = groups.band([points(member) for member in values], "train_error", window)
    assert band.points == sum(map(len, values))
    for index, start in enumerate(band.iteration):
        inside = [member[start - 1 : start - 1 + window.step] for member in values if len(member) >= start]
        means = [np.mean(part, dtype=np.float64) for part in inside]
        assert band.n[index] == len(means)
        assert band.mean[index] == pytest.approx(np.mean(means), rel=1e-5)
        assert (band.least[index], band.most[index]) == (np.float32(min(map(min, inside))), max(map(max, inside)))
        if len(means) > 1:
            assert band.std[index] == pytest.approx(np.std(means, ddof=1), rel=1e-4, abs=1e-3)
            assert band.sem[index] == pytest.approx(band.std[index] / len(means) ** 0.5, rel=1e-5)
        else:
            assert np.isnan([band.std[index], band.sem[index]]).all()


def test_members_with_more_evaluations_than_buckets_share_the_grid_with_those_with_fewer() -> None:
    many, few = points([float(i) for i in range(1, 21)]), points([7.0])
    band = groups.band([many, few], "test_error", Window(1, 20, 10))
    assert (band.iteration[:2].tolist(), band.n[:2].tolist(), band.mean[:2].tolist()) == ([1, 3], [2, 1], [4.25, 3.5])


def test_runs_that_differ_only_in_their_seed_are_one_group(submit: Callable[..., Run]) -> None:
    first, second, other = submit(seed=0), submit(seed=1), submit(seed=0, lr=0.05)
    assert groups.key(first, ["spec"]) == groups.key(second, ["spec"]) != groups.key(other, ["spec"])
    assert groups.key(first, ["depth", "shortcut"]) == {"depth": "8", "shortcut": "A"}
