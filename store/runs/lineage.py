"""New runs of old ones: retry makes one from scratch, fork one that goes on from a checkpoint of its parent."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from store import artifacts, datasets
from store.db.errors import Conflict, NotFound, Refused
from store.db.models import Artifact, Run
from store.db.objects import Objects
from store.runs import verbs
from store.runs.states import TERMINAL
from store.runs.verbs import Parent, Submission
from trainer.plan import plan
from trainer.spec import RunSpec


@dataclass(frozen=True)
class Fork:
    """What a fork asks for: fields of the spec that differ, and the checkpoint's iteration (None: the last)."""

    changes: dict[str, Any] = field(default_factory=dict)
    iteration: int | None = None
    name: str | None = None


def retry(session: Session, run_id: UUID, owner: str) -> Submission:
    """The same spec once more, from scratch, on the same kind of device. Raises NotFound, Conflict, Refused."""
    parent = verbs.training(session, run_id)
    if parent.status not in TERMINAL:
        raise Conflict(f"this run is {parent.status}: only one that has ended can be retried")
    return _child(session, parent, parent.name, RunSpec.model_validate(parent.spec), Parent(parent.id), owner)


def fork(session: Session, run_id: UUID, wanted: Fork, owner: str) -> tuple[Submission, Artifact]:
    """A run that goes on from a checkpoint with other `changes`, and that checkpoint; the parent stays as it is.

    What may change is `trainer.spec.CHANGEABLE`; the caller has checked it. Raises NotFound, Conflict where there is
    no such checkpoint, Refused where nothing would be left to train.
    """
    parent = verbs.training(session, run_id)
    start = _checkpoint(session, parent, wanted.iteration)
    spec = RunSpec.model_validate(parent.spec | wanted.changes)
    if spec.iterations <= start.iteration:
        raise Refused(
            "spec.iterations",
            f"iterations must be more than {start.iteration}, where the checkpoint is: nothing is left to train",
        )
    name = wanted.name or f"{parent.name} from {start.iteration}"[:200]
    return _child(session, parent, name, spec, Parent(parent.id, start.iteration), owner), start


def copy(objects: Objects, submission: Submission, start: Artifact) -> str:
    """Copies the checkpoint under the new run's own prefix, verified, and answers its key.

    Raises Conflict where the parent has let go of it meanwhile.
    """
    key = artifacts.key(submission.run_id, None, start.key.rpartition("/")[2])
    try:
        objects.copy(start.key, key, start.sha256)
    except NotFound as error:
        raise Conflict(f"the checkpoint of iteration {start.iteration} has just gone: ask again") from error
    return key


def begin(session: Session, run: Run, start: Artifact, key: str) -> None:
    """Writes the row of the copy: from now on it is the new run's latest checkpoint."""
    told = {name: getattr(start, name) for name in ("iteration", "role", "format", "sha256", "size_bytes")}
    session.add(Artifact(run_id=run.id, attempt=None, key=key, **told))


def _checkpoint(session: Session, parent: Run, iteration: int | None) -> Artifact:
    kept = select(Artifact).where(Artifact.run_id == parent.id, Artifact.role == "checkpoint")
    checkpoints = list(session.scalars(kept.order_by(Artifact.iteration.desc())))
    for checkpoint in checkpoints:
        if iteration in (None, checkpoint.iteration):
            return checkpoint
    there = ", ".join(str(checkpoint.iteration) for checkpoint in checkpoints) or "none yet"
    wanted = "no checkpoint" if iteration is None else f"no checkpoint of iteration {iteration}"
    raise Conflict(f"this run has {wanted}; iterations kept: {there}")


def _child(session: Session, parent: Run, name: str, spec: RunSpec, of: Parent, owner: str) -> Submission:
    return Submission(
        spec=spec,
        plan=plan(spec, datasets.classes(session, spec)),
        owner=owner,
        name=name,
        project=parent.project,
        tags=parent.tags,
        notes=parent.notes,
        priority=parent.priority,
        queue=parent.queue,
        parent=of,
    )
