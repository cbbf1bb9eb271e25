"""A run's outcome, computed from its raw points: the mean of each bucket, and the end of its warm-up."""

from collections.abc import Callable

import numpy as np
import pytest
from cachetools import LRUCache

from store.curves import outcomes
from store.curves.outcomes import SOON, RunMeasurements, RunOutcomes
from store.curves.points import NONE, Points
from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import verbs
from tests.api import progress
from trainer.events import Steps

LONG = 64_000


def measured(errors: Points) -> RunMeasurements:
    return RunMeasurements([], errors, NONE, [])


def errors(every: int = 1, without: tuple[int, ...] = ()) -> Points:
    at = np.array([i for i in range(1, LONG + 1, every) if i not in without], np.int64)
    return Points(at, np.sin(at * 0.37).astype(np.float32) * 50 + 50)


@pytest.fixture
def run() -> Run:
    return Run(iterations=LONG, iteration=LONG, spec={"log_every": 1, "evaluate_every": 1000, "warmup": None})


@pytest.mark.parametrize("without", [(), (1,), (320,), (777, 778), (LONG,)])
def test_a_bucket_is_the_mean_of_its_points(run: Run, without: tuple[int, ...]) -> None:
    means = outcomes.of(run, measured(errors(without=without))).train_errors
    assert means is not None
    points = errors(without=without)
    by_hand = [points.between(first, first + 319).value.astype(float).mean() for first in range(1, LONG, 320)]
    assert (means.every, means.start) == (320, 0)
    assert means.values == pytest.approx(by_hand, rel=1e-12)


def test_a_warm_up_ends_where_the_rate_rises_even_late(
    database: Database, submit: Callable[..., Run], worker: Worker
) -> None:
    ends = {submit(depth=110, iterations=LONG).id: SOON // 5, submit(depth=110, iterations=LONG).id: 2 * SOON}
    for end in ends.values():
        lease = progress.claim(database, worker)
        rates = [0.01] * (end - 1) + [0.1] * (3 * SOON - end + 1)
        flat = [50.0] * len(rates)
        progress.tell(
            database, lease, 1, progress.started(), Steps(first=1, loss=flat, error=flat, lr=rates, images_per_s=9)
        )
    with database.transaction() as session:
        rows = [session.get_one(Run, run_id) for run_id in ends]
        by_run = outcomes.read(session, rows)
    assert {run_id: outcome.warmed_up_at for run_id, outcome in by_run.items()} == ends


def test_a_warm_up_that_continues_has_not_ended(run: Run) -> None:
    run.spec = run.spec | {"warmup": {"lr": 0.01, "until_train_error": 80.0}}
    at = np.arange(1, 301, dtype=np.int64)
    warming = Points(at, np.full(300, 0.01, np.float32))
    assert outcomes.of(run, RunMeasurements([], errors(), warming, [])).warmed_up_at is None


def test_the_cache_drops_the_least_recently_used_outcome(database: Database, submit: Callable[..., Run]) -> None:
    cache = RunOutcomes()
    cache._cache = LRUCache(2)
    with database.transaction() as session:
        first, second, third = (verbs.cancel(session, submit().id, "ann") for _ in range(3))
        for run in (first, second, first, third):
            cache.read(session, [run])
    assert cache.uncached([first.id, second.id, third.id]) == [second.id]
