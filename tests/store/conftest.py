"""Runs and workers for the tests of the store."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from store import workers
from store.curves import buckets
from store.curves.buckets import Curve, Window
from store.curves.series import Series
from store.db.database import Database
from store.db.models import Run, Worker
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.states import Queue
from trainer.events import Steps
from trainer.plan import plan
from trainer.spec import RunSpec

LEASE_S = 60


def submission(owner: str = "ann", *, priority: int = 0, queue: Queue | None = None, **fields: Any) -> verbs.Submission:
    spec = RunSpec.model_validate({"depth": 8, "shortcut": "A", "dataset": "synthetic", "iterations": 3000} | fields)
    return verbs.Submission(spec, plan(spec, classes=10), owner, priority=priority, queue=queue)


def steps(first: int, count: int, every: int = 1) -> Steps:
    """Points whose values depend on their iteration."""
    at = [first + index * every for index in range(count)]
    return Steps(
        first=first,
        every=every,
        loss=[iteration / 10 for iteration in at],
        error=[float(iteration % 100) for iteration in at],
        lr=[0.1] * count,
        images_per_s=100,
    )


@pytest.fixture
def submit(database: Database) -> Callable[..., Run]:
    def create(*arguments: Any, **fields: Any) -> Run:
        with database.transaction() as session:
            run, _ = verbs.create(session, submission(*arguments, **fields))
        return run

    return create


@pytest.fixture
def worker(database: Database) -> Worker:
    return new_worker(database, "one")


def new_worker(database: Database, name: str, queue: str = "cpu") -> Worker:
    with database.transaction() as session:
        return workers.register(
            session, Worker(name=name, host="here", pid=1, queue=queue, device=queue, version="0", draining=False)
        )


def claim(database: Database, worker: Worker, lease_s: float = LEASE_S) -> Claim:
    with database.transaction() as session:
        claimed = attempts.claim(session, worker, lease_s)
    assert claimed is not None
    return claimed


def curve_of(session: Session, run_id: UUID, series: Series, window: Window) -> Curve:
    points = buckets.raw(session, [run_id], [series], window)
    return buckets.curve(points[run_id, series], series, window)
