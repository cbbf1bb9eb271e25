"""New runs from earlier ones: retry from scratch, fork from a checkpoint."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from store import artifacts
from store.db.database import Database
from store.db.errors import Conflict, NotFound, Refused, StoreError
from store.db.models import Artifact, Run, Worker
from store.db.objects import Objects
from store.runs import attempts, lineage, verbs
from store.runs.attempts import Claim
from store.runs.lineage import Fork
from tests.store.conftest import claim, steps
from trainer.events import Saved

Submit = Callable[..., Run]


def checkpoint(database: Database, objects: Objects, lease: Claim, iteration: int, folder: Path) -> bytes:
    content = f"the checkpoint of {iteration}".encode()
    file = folder / f"checkpoint-{iteration}.safetensors"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    objects.put(artifacts.key(lease.run.id, lease.attempt, file.name), file, sha256)
    saved = Saved(
        iteration=iteration, role="checkpoint", format="safetensors", file=file.name, sha256=sha256, size_bytes=1
    )
    with database.transaction() as session:
        artifacts.commit(session, attempts.lock(session, lease.run.id, lease.attempt), saved)
    return content


@pytest.fixture
def parent(database: Database, objects: Objects, submit: Submit, worker: Worker, tmp_path: Path) -> Run:
    """In training at iteration 1200, with checkpoints at 500 and 1000."""
    submit("ann", priority=3)
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, lease.run.id, lease.attempt, 1, [steps(1, 1200)])
    for iteration in (500, 1000):
        checkpoint(database, objects, lease, iteration, tmp_path)
    return lease.run


def fork(database: Database, objects: Objects, parent: Run, request: Fork) -> Run:
    with database.transaction() as session:
        submission, start = lineage.fork(session, parent.id, request, "ben")
    key = lineage.copy(objects, submission, start)
    with database.transaction() as session:
        run, _ = verbs.create(session, submission)
        lineage.begin(session, run, start, key)
    return run


def test_a_retry_is_the_same_spec_from_scratch(database: Database, submit: Submit, worker: Worker) -> None:
    submit("ann", priority=3)
    lease = claim(database, worker)
    with database.transaction() as session:
        attempts.append(session, lease.run.id, lease.attempt, 1, [steps(1, 10)])
        attempts.fail(session, lease.run.id, lease.attempt, "diverged", "loss is nan")
    with database.transaction() as session:
        run, is_new = verbs.create(session, lineage.retry(session, lease.run.id, "ben"))
    assert is_new
    assert (run.parent_id, run.parent_iteration, run.iteration) == (lease.run.id, None, 0)
    assert (run.spec_hash, run.owner, run.priority, run.queue) == (lease.run.spec_hash, "ben", 3, "cpu")
    assert claim(database, worker).resumed_from == 0


def test_only_an_ended_run_can_be_retried(database: Database, submit: Submit) -> None:
    run = submit()
    with database.transaction() as session, pytest.raises(Conflict, match="queued"):
        lineage.retry(session, run.id, "ann")


def test_a_fork_starts_from_its_own_copy_of_the_checkpoint(
    database: Database, objects: Objects, parent: Run, worker: Worker
) -> None:
    run = fork(database, objects, parent, Fork({"iterations": 4000, "lr": 0.01}))
    assert (run.parent_id, run.parent_iteration, run.iteration, run.iterations) == (parent.id, 1000, 1000, 4000)
    assert run.spec == parent.spec | {"iterations": 4000, "lr": 0.01}
    assert (parent.spec["iterations"], run.name) == (3000, "ResNet-8 A from 1000")
    lease = claim(database, worker)
    assert lease.run.id == run.id
    assert lease.checkpoint is not None
    assert lease.checkpoint.key == f"runs/{run.id}/0/checkpoint-1000.safetensors"
    assert b"".join(objects.read(lease.checkpoint.key)) == b"the checkpoint of 1000"
    with database.transaction() as session:
        attempts.append(session, run.id, lease.attempt, 1, [steps(1001, 3000)])
        assert verbs.get(session, run.id).iteration == 4000


def test_a_fork_outlives_its_parent(database: Database, objects: Objects, parent: Run, worker: Worker) -> None:
    run = fork(database, objects, parent, Fork(iteration=500))
    with database.transaction() as session:
        attempts.fail(session, parent.id, 1, "diverged", "loss is nan")
    with database.transaction() as session:
        verbs.remove(session, parent.id)
    objects.delete_prefix(artifacts.prefix(parent.id))
    lease = claim(database, worker)
    assert (lease.run.id, lease.resumed_from, lease.run.parent_id) == (run.id, 500, parent.id)
    assert lease.checkpoint is not None
    assert objects.size(lease.checkpoint.key) > 0


def test_a_missing_checkpoint_is_refused_with_a_list_of_the_existing_ones(database: Database, parent: Run) -> None:
    with database.transaction() as session, pytest.raises(Conflict, match="at 1,000, 500"):
        lineage.fork(session, parent.id, Fork(iteration=700), "ann")


def test_a_fork_needs_something_left_to_train(database: Database, parent: Run) -> None:
    with database.transaction() as session, pytest.raises(Refused, match="more than 1,000"):
        lineage.fork(session, parent.id, Fork({"iterations": 1000}), "ann")


def test_a_checkpoint_deleted_meanwhile_creates_no_run(database: Database, objects: Objects, parent: Run) -> None:
    with database.transaction() as session:
        submission, start = lineage.fork(session, parent.id, Fork(), "ann")
    objects.delete([start.key])
    with pytest.raises(Conflict, match="Try again"):
        lineage.copy(objects, submission, start)


def test_an_altered_checkpoint_is_not_copied(database: Database, objects: Objects, parent: Run) -> None:
    with database.transaction() as session:
        submission, start = lineage.fork(session, parent.id, Fork(), "ann")
    other = Artifact(key=start.key, iteration=start.iteration, sha256="0" * 64)
    with pytest.raises(StoreError, match="its row says"):
        lineage.copy(objects, submission, other)
    with pytest.raises(NotFound):
        objects.size(artifacts.key(submission.run_id, None, "checkpoint-1000.safetensors"))
