"""New runs from earlier ones: a retry starts from scratch, a fork continues from a checkpoint of its parent."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from store import artifacts, datasets
from store.db.errors import Conflict, NotFound, Refused
from store.db.models import Artifact, Run
from store.db.objects import Objects
from store.runs import verbs
from store.runs.states import TERMINAL
from store.runs.verbs import Parent, Submission
from trainer import tasks
from trainer.tasks import Spec


@dataclass(frozen=True)
class Fork:
    """A request to fork: the fields of the spec to change, and the checkpoint's iteration (None: the last)."""

    changes: dict[str, Any] = field(default_factory=dict)
    iteration: int | None = None
    name: str | None = None


def retry(session: Session, run_id: UUID, owner: str) -> Submission:
    """Returns a new run with the same spec, from scratch, in the same queue. Raises NotFound, Conflict, Refused."""
    parent = verbs.trained_here(session, run_id, "retried")
    if parent.status not in TERMINAL:
        raise Conflict(f"Only a run that has ended can be retried. This run is {parent.status}.")
    return _child(session, parent, parent.name, tasks.of(parent.spec), Parent(parent.id), owner)


def fork(session: Session, run_id: UUID, request: Fork, owner: str) -> tuple[Submission, Artifact]:
    """Returns a run that continues from a checkpoint with `changes`, and that checkpoint; the parent doesn't change.

    Only `trainer.spec.CHANGEABLE` may change; the caller checks that. Raises NotFound, Conflict if there is no such
    checkpoint, and Refused if nothing would be left to train.
    """
    parent = verbs.trained_here(session, run_id, "forked")
    start = _checkpoint(session, parent, request.iteration)
    spec = _changed(parent, request.changes)
    if spec.iterations <= start.iteration:
        raise Refused(
            "spec.iterations",
            f"iterations must be more than {start.iteration:,}, the checkpoint's iteration: nothing is left to train.",
        )
    name = request.name or f"{parent.name} from {start.iteration}"[:200]
    return _child(session, parent, name, spec, Parent(parent.id, start.iteration), owner), start


def copy(objects: Objects, submission: Submission, start: Artifact) -> str:
    """Copies the checkpoint to the new run's prefix, verifies the copy and returns its key.

    Raises Conflict if the parent has deleted the checkpoint in the meantime.
    """
    key = artifacts.key(submission.run_id, None, start.key.rpartition("/")[2])
    try:
        objects.copy(start.key, key, start.sha256)
    except NotFound as error:
        raise Conflict(f"The checkpoint of iteration {start.iteration:,} has just been deleted. Try again.") from error
    return key


def begin(session: Session, run: Run, start: Artifact, key: str) -> None:
    """Writes the row of the copy, which makes it the new run's latest checkpoint."""
    session.add(
        Artifact(
            run_id=run.id,
            attempt=None,
            iteration=start.iteration,
            role=start.role,
            format=start.format,
            key=key,
            sha256=start.sha256,
            size_bytes=start.size_bytes,
        )
    )


def _changed(parent: Run, changes: dict[str, Any]) -> Spec:
    """Raises Refused for a change that the parent's task doesn't allow, as another kind of schedule."""
    try:
        return tasks.of(parent.spec | changes)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(["spec", *(str(part) for part in problem["loc"][:1])])
        raise Refused(field, f"{field} can't have this value in a {parent.task} run: {problem['msg']}.") from error


def _checkpoint(session: Session, parent: Run, iteration: int | None) -> Artifact:
    of_parent = select(Artifact).where(Artifact.run_id == parent.id, Artifact.role == "checkpoint")
    checkpoints = list(session.scalars(of_parent.order_by(Artifact.iteration.desc())))
    for checkpoint in checkpoints:
        if iteration in (None, checkpoint.iteration):
            return checkpoint
    if not checkpoints:
        raise Conflict("This run has no checkpoint yet.")
    iterations = ", ".join(f"{checkpoint.iteration:,}" for checkpoint in checkpoints)
    raise Conflict(f"This run has no checkpoint at iteration {iteration:,}. Its checkpoints are at {iterations}.")


def _child(session: Session, parent: Run, name: str, spec: Spec, of: Parent, owner: str) -> Submission:
    return Submission(
        spec=spec,
        plan=tasks.plan(spec, datasets.classes(session, spec)),
        owner=owner,
        name=name,
        project=parent.project,
        tags=parent.tags,
        notes=parent.notes,
        priority=parent.priority,
        queue=parent.queue,
        machines=parent.machines,
        parent=of,
    )
