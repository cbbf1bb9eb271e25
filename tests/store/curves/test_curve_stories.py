"""Whatever the batches, lost workers and window: a curve has the points of the contributing attempts."""

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
# A batch of this many iterations, or if negative: a lost worker, with a checkpoint this many iterations ago.
batch = st.integers(1, 1500)
loss = st.integers(0, 800).map(lambda back: -back)
stories = st.lists(st.one_of(batch, batch, loss), min_size=1, max_size=12)


def value(iteration: int, attempt: int) -> float:
    """Values that differ between attempts, unlike a real trainer's, to expose points of the wrong attempt."""
    return float(np.float32(50 + 50 * np.sin(iteration * 0.37) + attempt))


class Story:
    """A run, and the points that a reader must get."""

    def __init__(self, database: Database, submit: Callable[..., Run], worker: Worker) -> None:
        self._database, self._worker = database, worker
        self.run = submit(iterations=LONGEST)
        self._lease = claim(database, worker)
        self._batch = 0
        self.expected: dict[int, float] = {}

    def tell(self, count: int) -> None:
        first = len(self.expected) + 1
        at = range(first, min(first + count, LONGEST + 1))
        if not at:
            return
        points = {iteration: value(iteration, self._lease.attempt) for iteration in at}
        self._batch += 1
        steps = Steps(
            first=first, loss=[*points.values()], error=[*points.values()], lr=[0.1] * len(at), images_per_s=1
        )
        for _ in range(2):  # the response was lost, and the batch is sent again
            with self._database.transaction() as session:
                attempts.append(session, self.run.id, self._lease.attempt, self._batch, [steps])
        self.expected |= points

    def lose(self, back: int) -> None:
        at = max(len(self.expected) - back, 0)
        with self._database.transaction() as session:
            if at:
                file = f"checkpoint-{at}-{self._lease.attempt}"
                saved = Saved(
                    iteration=at, role="checkpoint", format="safetensors", file=file, sha256="0", size_bytes=1
                )
                artifacts.commit(session, attempts.lock(session, self.run.id, self._lease.attempt), saved)
            ours = update(Attempt).where(Attempt.run_id == self.run.id)
            session.execute(ours.values(lease_until=func.now() - timedelta(seconds=1)))
            attempts.reap(session, most=100)
            session.execute(update(Run).where(Run.id == self.run.id).values(not_before=None))
        self._lease, self._batch = claim(self._database, self._worker), 0
        self.expected = {i: error for i, error in self.expected.items() if i <= self._lease.resumed_from}

    def end(self) -> None:
        with self._database.transaction() as session:
            attempts.fail(session, self.run.id, self._lease.attempt, "internal", "the story ends")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=stories, first=st.integers(1, LONGEST), length=st.integers(1, LONGEST), most=st.integers(1, 300))
def test_a_curve_has_exactly_the_points_of_the_contributing_attempts(
    database: Database, submit: Callable[..., Run], worker: Worker, parts: list[int], first: int, length: int, most: int
) -> None:
    story = Story(database, submit, worker)
    for part in parts:
        story.tell(part) if part > 0 else story.lose(-part)
    story.end()
    window = Window(first, min(first + length - 1, LONGEST), most)
    with database.transaction() as session:
        stored = points.read(session, [story.run.id], STEP_SERIES, 1, LONGEST)
        shown = buckets.raw(session, [story.run.id], ["train_error"], window)[story.run.id, "train_error"]
        knots = points.read(session, [story.run.id], ["images_per_s"], 1, LONGEST)[story.run.id, "images_per_s"]
        run = verbs.get(session, story.run.id)
        spans = session.execute(select(StepChunk.first, StepChunk.count).where(StepChunk.run_id == run.id)).all()
    # No point is repeated or missing, and all are of contributing attempts.
    for name in ("train_loss", "train_error"):
        series = stored[story.run.id, name]
        assert series.iteration.tolist() == list(story.expected)
        assert series.value.tolist() == list(story.expected.values())
    assert run.iteration == len(story.expected)
    assert set(knots.iteration.tolist()) <= set(story.expected)
    # An ended run is stored in full cells.
    assert sorted((at - 1) // 1024 for at, _ in spans) == list(range(len(spans)))
    # The window shows the extremes and the mean of its points.
    start, end = window.borders
    inside = np.array([story.expected[i] for i in story.expected if start <= i <= end], np.float32)
    curve = buckets.curve(shown, "train_error", window)
    assert curve.points == len(inside)
    if len(inside):
        assert (curve.mean if curve.most is None else curve.most).max() == inside.max()
        assert (curve.mean if curve.least is None else curve.least).min() == inside.min()
        ends = np.minimum(curve.iteration + (1 if curve.most is None else window.step), len(story.expected) + 1)
        sizes = np.minimum(ends, end + 1) - curve.iteration
        assert np.average(curve.mean, weights=sizes) == pytest.approx(inside.mean(dtype=np.float64), rel=1e-5)
