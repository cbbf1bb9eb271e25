"""Imported points at any iterations come back from the tables as they were."""

from collections.abc import Callable
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import insert

from store.curves import points
from store.curves.points import Points
from store.db.database import Database
from store.db.errors import Refused
from store.db.identifiers import new_id
from store.db.models import Attempt, Run, StepChunk
from store.imports import chunks


def new_attempt(run: Run) -> Attempt:
    at = run.created_at
    return Attempt(run_id=run.id, number=1, worker_id=new_id(), worker="", device="", resumed_from=0, lease_until=at)


def series(*iterations: int) -> Points:
    at = np.array(iterations, np.int64)
    return Points(at, at % 97.0)


@pytest.mark.parametrize(
    ("errors", "rates"),
    [
        (series(*range(1, 3001)), series()),
        (series(*range(100, 64_000, 100), 64_000, 64_001), series(1, 2, 500)),
        (series(1, 2, 4, 8, 16, 32, 33, 34), series(5)),
        (series(7), series(7)),
        (series(*range(5, 5000, 5)), series(*range(7, 5000, 7))),
    ],
)
def test_every_point_comes_back_and_no_other(
    database: Database, submit: Callable[..., Run], errors: Points, rates: Points
) -> None:
    run = submit(iterations=100_000)
    rows = chunks.chunks({"train_error": errors, "lr": rates})
    with database.transaction() as session:
        session.add(new_attempt(run))
        session.flush()
        session.execute(insert(StepChunk), [row | {"run_id": run.id, "attempt": 1} for row in rows])
    assert_equal(database, run.id, errors, rates)


def assert_equal(database: Database, run: UUID, errors: Points, rates: Points) -> None:
    with database.transaction() as session:
        stored = points.read(session, [run], ["train_error", "train_loss", "lr"], 1, 100_000)
        part = points.read(session, [run], ["train_error"], 30, 200)[run, "train_error"]
    for name, sent in (("train_error", errors), ("lr", rates)):
        own = stored[run, name]  # type: ignore[index]  # a literal in a loop
        assert np.array_equal(own.iteration, sent.iteration)
        assert np.array_equal(own.value, sent.value.astype(np.float32))
    assert len(stored[run, "train_loss"].value) == 0
    assert np.array_equal(part.iteration, errors.between(30, 200).iteration)


def test_points_without_any_order_are_refused() -> None:
    uneven = series(*np.cumsum(np.arange(1, 60_000) % 7 + 1).tolist())
    with pytest.raises(Refused, match="changes of spacing; at most 20,000 are allowed"):
        chunks.chunks({"train_error": uneven})


def test_the_spacing_is_the_commonest() -> None:
    assert chunks.spacing(series(100, 200, 300, 350)) == 100
    assert chunks.spacing(series(64_000)) == 64_000
    assert chunks.spacing(series()) is None
