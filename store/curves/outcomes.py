"""The outcomes of runs, many at once: curves in buckets, final errors, and trainers.

An ended run never changes, so its outcome is cached: a page of 60 ended runs reads no curve twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cachetools import LRUCache
from sqlalchemy.orm import Session

from store.db.database import binary_rows
from store.db.models import Run
from store.runs import conditions
from store.runs.states import TERMINAL

if TYPE_CHECKING:  # numpy, which an idle API does not need
    from store.curves.points import Floats, Key, Points

# Buckets of a run's iterations: the last quarter has 50, the first tenth 20.
BUCKETS = 200
# Outcomes, of about 4 KiB each.
MOST_CACHED = 5000
# Rates are stored as float32: one that exceeds the warm-up's by a smaller part than this is the warm-up's.
ROUNDING = 1e-6
# Iterations after which a warm-up is nearly always over: the paper's takes 400 (sec. 4.2).
SOON = 2000


@dataclass(frozen=True)
class Means:
    """The means of consecutive full buckets of `every` iterations; the first begins after iteration `start`."""

    every: int
    start: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class RunOutcome:
    """How a run went. Errors are percent. `trainers` are `started` events (`conditions.trainers`).

    `train_error` is the mean over the last tenth of the iterations, None before the end. `test_errors` has a bucket for
    each evaluation. `warmed_up_at` is the first iteration above the warm-up's rate, None if there is none.
    `has_rates` is whether that is recorded, which an import may not have. `tested_at` is the iteration of the
    last test error.
    """

    trainers: list[dict[str, Any]]
    train_errors: Means | None = None
    train_error: float | None = None
    test_errors: Means | None = None
    tested_images: int | None = None
    best_test_error: float | None = None  # at the iteration with the lowest validation error
    warmed_up_at: int | None = None
    has_rates: bool = True
    tested_at: int | None = None


class RunOutcomes:
    """Reads outcomes, and caches those of ended runs. Safe for the threads of one process."""

    def __init__(self) -> None:
        self._cache: LRUCache[UUID, RunOutcome] = LRUCache(MOST_CACHED)
        self._using = Lock()

    def uncached(self, ids: Iterable[UUID]) -> list[UUID]:
        """Returns the runs whose outcomes aren't cached."""
        return [run_id for run_id in ids if run_id not in self._cache]

    def read(self, session: Session, runs: Collection[Run]) -> dict[UUID, RunOutcome]:
        """Returns the outcome of each run; it is empty for a run that hasn't begun."""
        with self._using:  # a look-up makes its entry the most recent one
            outcomes = {run.id: outcome for run in runs if (outcome := self._cache.get(run.id)) is not None}
        missing = [run for run in runs if run.id not in outcomes]
        outcomes |= read(session, missing)
        with self._using:
            self._cache.update({run.id: outcomes[run.id] for run in missing if run.status in TERMINAL})
        return outcomes


def read(session: Session, runs: Sequence[Run]) -> dict[UUID, RunOutcome]:
    """Reads the outcomes of any number of runs, with four queries at most."""
    from store.curves import points

    started = [run for run in runs if run.fence]
    if not started:
        return {run.id: RunOutcome([]) for run in runs}
    ids, last = [run.id for run in started], max(run.iterations for run in started)
    trainers = conditions.trainers(session, ids)
    errors = points.read(session, ids, ["train_error"], 1, last)
    rates = _rates(session, [run for run in started if run.spec.get("warmup")])
    tests = _tests(session, ids)
    by_run = {run.id: RunOutcome([]) for run in runs}
    for run in started:
        rate = rates.get((run.id, "lr"), points.NONE)
        by_run[run.id] = of(run, RunMeasurements(trainers[run.id], errors[run.id, "train_error"], rate, tests[run.id]))
    return by_run


def _rates(session: Session, warmed: Sequence[Run]) -> "dict[Key, Points]":
    """Reads learning rates up to the end of the warm-up; only few runs need all of their rates."""
    from store.curves import points

    early = points.read(session, [run.id for run in warmed], ["lr"], 1, SOON) if warmed else {}
    late = [run for run in warmed if run.iteration > SOON and _left_warmup(run, early[run.id, "lr"]) is None]
    last = max((run.iterations for run in late), default=SOON)
    return early | points.read(session, [run.id for run in late], ["lr"], 1, last) if late else early


@dataclass(frozen=True)
class TestEvaluation:
    """An evaluation of the test images."""

    iteration: int
    error: float
    images: int | None


@dataclass(frozen=True)
class RunMeasurements:
    """All that a run recorded: its `started` events, its curve, its evaluations of the test images."""

    trainers: list[dict[str, Any]]
    errors: "Points"
    rates: "Points"
    tests: Sequence[TestEvaluation]


def of(run: Run, measured: RunMeasurements) -> RunOutcome:
    tests = measured.tests
    chosen = [test.error for test in tests if test.iteration == run.best_val_iteration]
    return RunOutcome(
        trainers=measured.trainers,
        train_errors=_means(run, measured.errors),
        train_error=_at_the_end(run, measured.errors),
        test_errors=_evaluations(run, tests),
        tested_images=tests[-1].images if tests else None,
        best_test_error=chosen[0] if chosen else None,
        warmed_up_at=_left_warmup(run, measured.rates) if run.spec.get("warmup") else None,
        has_rates=len(measured.rates.value) > 0,
        tested_at=tests[-1].iteration if tests else None,
    )


def _means(run: Run, errors: "Points") -> Means | None:
    """Returns the means of the full buckets."""
    import numpy as np

    if not len(errors.value):
        return None
    logged = run.spec["log_every"]
    every = -(-max(1, run.iterations // BUCKETS) // logged) * logged
    start = -(-(run.parent_iteration or 0) // every) * every
    whole = errors.between(start + 1, run.iteration // every * every)
    if not len(whole.value):
        return None
    buckets, points = (run.iteration - start) // every, every // logged
    if len(whole.value) == buckets * points:  # no point is missing: nearly always the case, and far cheaper
        means = whole.value.reshape(buckets, points).mean(axis=1, dtype=np.float64)
        return Means(every, start, tuple(means.tolist()))
    bucket = (whole.iteration - start - 1) // every
    # An import's points may be far apart: the buckets grow until each has a point.
    while not (counts := np.bincount(bucket)).all():
        every, bucket = 2 * every, bucket // 2
    sums = np.bincount(bucket, weights=whole.value.astype(np.float64))
    return Means(every, start, tuple((sums / counts).tolist()))


def _at_the_end(run: Run, errors: "Points") -> float | None:
    if run.iteration < run.iterations:
        return None
    last: Floats = errors.between(run.iterations - max(1, run.iterations // 10) + 1, run.iterations).value
    return float(last.mean(dtype="float64")) if len(last) else None


def _evaluations(run: Run, tests: Sequence[TestEvaluation]) -> Means | None:
    """Returns the errors at multiples of `evaluate_every`; the last evaluation may not be at one."""
    every = run.spec["evaluate_every"]
    on_grid = [test for test in tests if test.iteration % every == 0]
    if not on_grid:
        return None
    return Means(every, on_grid[0].iteration - every, tuple(test.error for test in on_grid))


def _left_warmup(run: Run, rates: "Points") -> int | None:
    import numpy as np

    above = np.flatnonzero(rates.value > run.spec["warmup"]["lr"] * (1 + ROUNDING))
    return int(rates.iteration[above[0]]) if len(above) else None


def _tests(session: Session, runs: list[UUID]) -> dict[UUID, list[TestEvaluation]]:
    rows = binary_rows(
        session,
        "SELECT run_id, iteration, error, images FROM evaluations"
        " WHERE run_id = ANY(%(runs)s) AND split = 'test' AND error IS NOT NULL ORDER BY run_id, iteration",
        {"runs": runs},
    )
    tests: dict[UUID, list[TestEvaluation]] = defaultdict(list)
    for run_id, *test in rows:
        tests[run_id].append(TestEvaluation(*test))
    return tests
