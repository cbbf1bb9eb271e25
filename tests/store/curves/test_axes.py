"""The x axes of curves: exact at samples, linear between them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import update

from store import artifacts
from store.curves import axes
from store.curves.series import Axis
from store.db.database import Database
from store.db.models import Attempt, Run, SampleChunk, Worker
from store.runs import attempts, verbs
from store.runs.samples import Machine
from tests.store.conftest import claim, steps
from trainer.events import Saved

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def resumed(database: Database, submit: Callable[..., Run], worker: Worker) -> Run:
    """Attempt 1: 100 iterations in 100 s, returned at 110 s. Attempt 2 starts from 50 at 200 s: 51 … 100 in 50 s."""
    run = submit(iterations=3000, train_images=256)
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(1, 50)])
        attempts.append(session, run.id, lease.attempt, 2, [steps(51, 50)])
        saved = Saved(iteration=50, role="checkpoint", format="safetensors", file="c", sha256="0", size_bytes=1)
        artifacts.commit(session, attempts.lock(session, run.id, lease.attempt), saved)
        attempts.return_to_queue(session, run.id, lease.attempt, "drained")
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(51, 50)])
        zero = START.timestamp()
        for number, start_s, ended, at in ((1, 0, 110, 50), (2, 200, None, 250)):
            times = {"started_at": START + timedelta(seconds=start_s)}
            if ended:
                times["ended_at"] = START + timedelta(seconds=ended)
            session.execute(update(Attempt).where(Attempt.number == number).values(times))
            session.execute(update(SampleChunk).where(SampleChunk.attempt == number).values(at=[zero + at]))
        return verbs.get(session, run.id)


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        ("images", [3200, 6400, 6528, 9600, 12800]),
        ("epoch", [12.5, 25, 25.5, 37.5, 50]),
        ("relative_time", [25, 50, 201, 225, 250]),
        ("device_seconds", [25, 50, 111, 135, 160]),
    ],
)
def test_iterations_on_an_axis(database: Database, resumed: Run, axis: Axis, expected: list[float]) -> None:
    with database.transaction() as session:
        scale = axes.scales(session, [resumed], axis)[resumed.id]
    assert scale(np.array([25, 50, 51, 75, 100])) == pytest.approx(expected, abs=1e-3)


def test_wall_time_is_relative_time_after_the_first_attempts_start(database: Database, resumed: Run) -> None:
    at = np.arange(1, 101)
    with database.transaction() as session:
        wall = axes.scales(session, [resumed], "wall_time")[resumed.id](at)
        relative = axes.scales(session, [resumed], "relative_time")[resumed.id](at)
    assert wall - START.timestamp() == pytest.approx(relative)
    assert (np.diff(wall) > 0).all()


def test_samples_of_many_batches_are_stored_in_order_32_to_a_row(
    database: Database, submit: Callable[..., Run], worker: Worker
) -> None:
    run, lease = submit(iterations=3000), claim(database, worker)
    for number in range(1, 71):
        with database.transaction() as session:
            attempts.append(session, run.id, lease.attempt, number, [steps(number, 1), Machine(cpu=number)])
    with database.transaction() as session:
        rows = session.query(SampleChunk).order_by(SampleChunk.first).all()
    assert [len(row.iteration) for row in rows] == [32, 32, 6]
    assert [at for row in rows for at in row.iteration] == list(range(1, 71))
    assert [cpu for row in rows for cpu in row.cpu] == list(range(1, 71))
    assert {gpu for row in rows for gpu in row.gpu} == {None}
