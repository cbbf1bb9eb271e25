"""Writes runs with made-up results into a lab without workers, with the functions that the API and the workers use."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text

from store import artifacts
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.models import Worker
from store.runs import attempts, verbs
from store.runs.attempts import Claim
from store.runs.verbs import Submission
from tests.api import progress
from tests.e2e.conftest import Lab
from trainer.catalog import BUILT_IN
from trainer.events import Saved, Steps
from trainer.plan import plan
from trainer.spec import RunSpec
from trainer.tasks import Spec


@contextmanager
def database_of(lab: Lab) -> Iterator[Database]:
    database = Database(lab.database_url)
    yield database
    database.close()


def queued(database: Database, submissions: list[Submission]) -> list[UUID]:
    with database.transaction() as session:
        return [verbs.create(session, submission)[0].id for submission in submissions]


_COPY = """
    INSERT INTO {table} SELECT copy.*
    FROM {table} AS original,
        unnest(cast(:ids AS uuid[])) WITH ORDINALITY AS new (id, n),
        LATERAL jsonb_populate_record(original, jsonb_build_object({changes})) AS copy
    WHERE original.{key} = :run
"""


def copy(database: Database, run_id: UUID, count: int) -> None:
    """Writes copies of a run that has just been created: `run 1`, `run 2` … Creating them takes forty times as long."""
    parameters = {"ids": [new_id() for _ in range(count)], "run": run_id}
    changes = "'id', new.id, 'name', 'run ' || n, 'spec', jsonb_set(spec, '{seed}', to_jsonb(n))"
    with database.transaction() as session:
        session.execute(text(_COPY.format(table="runs", key="id", changes=changes)), parameters)
        session.execute(text(_COPY.format(table="events", key="run_id", changes="'run_id', new.id")), parameters)


def submission(name: str | None = None, tags: tuple[str, ...] = (), **fields: Any) -> Submission:
    spec = RunSpec.model_validate({"dataset": "cifar10", "shortcut": "A", "iterations": 400, **fields})
    return Submission(spec, plan(spec, classes=10), "ann", name=name, tags=list(tags))


def ended(database: Database, worker: Worker, request: Submission, error: float, log: str = "") -> UUID:
    """A run that succeeded with this test error in percent. The queue must be empty: its first run is claimed."""
    claim = claimed(database, worker, request)
    finish(database, claim, request.spec, error, log)
    return claim.run.id


def claimed(database: Database, worker: Worker, request: Submission) -> Claim:
    """A run that has just begun. The queue must be empty."""
    with database.transaction() as session:  # in one transaction, so that control doesn't see the run in the queue
        run_id = verbs.create(session, request)[0].id
        claim = attempts.claim(session, worker, progress.LEASE_S)
    assert claim is not None
    assert claim.run.id == run_id
    return claim


def finish(database: Database, claim: Claim, spec: Spec, error: float, log: str = "") -> None:
    """Writes the run's curves and its success with this test error."""
    at = range(spec.evaluate_every, spec.iterations + 1, spec.evaluate_every)
    errors = {i: error + 40 * math.exp(-6 * i / spec.iterations) for i in at[:-1]} | {spec.iterations: error}
    images = {"images": BUILT_IN[spec.dataset].test_images}  # fewer would be a departure
    *tests, last = (progress.evaluated(i, value).model_copy(update=images) for i, value in errors.items())
    progress.tell(database, claim, 1, progress.started(), _steps(spec, error / 2), *tests, last)
    if log:
        progress.log(database, claim, 2, log)
    with database.transaction() as session:
        artifacts.commit(session, attempts.lock(session, claim.run.id, claim.attempt), _weights(spec.iterations))
        attempts.succeed(session, claim.run.id, claim.attempt)


def _weights(iteration: int) -> Saved:
    """The row of a weights file, which no test downloads."""
    row = {"iteration": iteration, "role": "weights", "format": "safetensors", "file": "weights.safetensors"}
    return Saved.model_validate(row | {"sha256": "0" * 64, "size_bytes": 1})


def _steps(spec: Spec, error: float) -> Steps:
    """A training error that falls from 90 % to `error`, with the noise of mini-batches."""
    at = range(1, spec.iterations + 1)
    errors = [error + (90 - error) * math.exp(-8 * i / spec.iterations) + math.sin(i * (spec.seed + 3)) for i in at]
    errors = [max(value, 0) for value in errors]
    return Steps(
        first=1, loss=[value / 40 for value in errors], error=errors, lr=[spec.lr] * len(errors), images_per_s=900
    )
