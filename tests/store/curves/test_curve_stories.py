"""Whatever the batches, the losses of workers and the window: what is read is what the lasting attempts wrote."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from store import artifacts
from store.curves import buckets, points
from store.curves.buckets import Window
from store.curves.series import STEP_SERIES
from store.db.database import Database
from store.db.models import Attempt, Run, StepChunk, Worker
from store.runs import attempts, verbs
from tests.store.conftest import claim
from trainer.events import Saved, Steps

LONGEST = 5000
# A batch of so many iterations; or a worker lost, after a checkpoint so many iterations ago.
batch = st.integers(1, 1500)
loss = st.integers(0, 800).map(lambda back: -back)
stories = st.lists(st.one_of(batch, batch, loss), min_size=1, max_size=12)


def value(iteration: int, attempt: int) -> float:
    """Told apart by attempt as no real trainer's are, so that a point of the wrong one shows."""
    return float(np.float32(50 + 50 * np.sin(iteration * 0.37) + attempt))


class Story:
    """A run, and beside it what a reader must find."""

    def __init__(self, database: Database, submit: Callable[..., Run], worker: Worker) -> None:
        self._database, self._worker = database, worker
        self.run = submit(iterations=LONGEST)
        self._held = claim(database, worker)
        self._batch = 0
        self.expected: dict[int, float] = {}

    def tell(self, count: int) -> None:
        first = len(self.expected) + 1
        at = range(first, min(first + count, LONGEST + 1))
        if not at:
            return
        told = {iteration: value(iteration, self._held.attempt) for iteration in at}
        self._batch += 1
        steps = Steps(first=first, loss=[*told.values()], error=[*told.values()], lr=[0.1] * len(at), images_per_s=1)
        for _ in range(2):  # the answer was lost, and it is sent again
            with self._database.transaction() as session:
                attempts.append(session, self.run.id, self._held.attempt, self._batch, [steps])
        self.expected |= told

    def lose(self, back: int) -> None:
        at = max(len(self.expected) - back, 0)
        with self._database.transaction() as session:
            if at:
                file = f"checkpoint-{at}-{self._held.attempt}"
                saved = Saved(
                    iteration=at, role="checkpoint", format="safetensors", file=file, sha256="0", size_bytes=1
                )
                artifacts.commit(session, attempts.lock(session, self.run.id, self._held.attempt), saved)
            ours = update(Attempt).where(Attempt.run_id == self.run.id)
            session.execute(ours.values(lease_until=func.now() - timedelta(seconds=1)))
            attempts.reap(session, most=100)
            session.execute(update(Run).where(Run.id == self.run.id).values(not_before=None))
        self._held, self._batch = claim(self._database, self._worker), 0
        self.expected = {i: told for i, told in self.expected.items() if i <= self._held.resumed_from}

    def end(self) -> None:
        with self._database.transaction() as session:
            attempts.fail(session, self.run.id, self._held.attempt, "internal", "the story ends")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories, first=st.integers(1, LONGEST), length=st.integers(1, LONGEST), most=st.integers(1, 300))
def test_a_curve_has_exactly_the_points_of_the_contributing_attempts(
    database: Database, submit: Callable[..., Run], worker: Worker, story: list[int], first: int, length: int, most: int
) -> None:
    told = Story(database, submit, worker)
    for part in story:
        told.tell(part) if part > 0 else told.lose(-part)
    told.end()
    window = Window(first, min(first + length - 1, LONGEST), most)
    with database.transaction() as session:
        found = points.read(session, [told.run.id], STEP_SERIES, 1, LONGEST)
        shown = buckets.raw(session, [told.run.id], ["train_error"], window)[told.run.id, "train_error"]
        knots = points.read(session, [told.run.id], ["images_per_s"], 1, LONGEST)[told.run.id, "images_per_s"]
        run = verbs.get(session, told.run.id)
        spans = session.execute(select(StepChunk.first, StepChunk.count).where(StepChunk.run_id == run.id)).all()
    # No point twice, none missing, and each of the attempt that lasted.
    for name in ("train_loss", "train_error"):
        series = found[told.run.id, name]
        assert series.iteration.tolist() == list(told.expected)
        assert series.value.tolist() == list(told.expected.values())
    assert run.iteration == len(told.expected)
    assert set(knots.iteration.tolist()) <= set(told.expected)
    # An ended run lies in full cells.
    assert sorted((at - 1) // 1024 for at, _ in spans) == list(range(len(spans)))
    # The window shows the extremes and the mean of what lies in it.
    start, end = window.borders
    inside = np.array([told.expected[i] for i in told.expected if start <= i <= end], np.float32)
    curve = buckets.curve(shown, "train_error", window)
    assert curve.points == len(inside)
    if len(inside):
        assert (curve.mean if curve.most is None else curve.most).max() == inside.max()
        assert (curve.mean if curve.least is None else curve.least).min() == inside.min()
        ends = np.minimum(curve.iteration + (1 if curve.most is None else window.step), len(told.expected) + 1)
        sizes = np.minimum(ends, end + 1) - curve.iteration
        assert np.average(curve.mean, weights=sizes) == pytest.approx(inside.mean(dtype=np.float64), rel=1e-5)
