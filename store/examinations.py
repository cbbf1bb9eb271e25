"""Examinations of the weights of runs that have succeeded, made by workers. Each is a row of `runs` (decision 22).

So an examination is queued, claimed, fenced, logged, cancelled and reaped like a training run. It always starts from
scratch, and ends with a report, which is an artifact.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from store import artifacts, datasets, history
from store.db import failpoints
from store.db.database import QUEUE_CHANGED, notify
from store.db.errors import Conflict, NotFound, Refused
from store.db.identifiers import new_id
from store.db.models import Artifact, Dataset, Evaluation, Run
from store.quotas import limits
from store.runs import verbs
from store.runs.states import EventKind, Status
from trainer import tasks
from trainer.examination import ExaminationKind, Views
from trainer.spec import RunSpec

# A person waits for it, and it takes minutes where a training run takes hours.
PRIORITY = 100
# A list has the newest ones.
MOST_LISTED = 200


class ExaminationSpec(BaseModel):
    """How to examine the last weights of `runs`: the column `examination`. The first run says on which data set.

    An evaluation has `views` and `recompute_bn`, a prediction the SHA-256 of its picture.
    """

    model_config = ConfigDict(frozen=True)

    kind: ExaminationKind
    runs: tuple[UUID, ...]
    views: Views | None = None
    recompute_bn: bool | None = None
    picture: str | None = None
    # A detector's test (App. B): refined boxes, box voting, and several sides of the image.
    refine: bool | None = None
    vote: bool | None = None
    sides: tuple[int, ...] | None = None

    def stored(self) -> dict[str, Any]:
        """As a row holds it. The last three fields only where they are set: older rows don't have them."""
        late = {name for name in ("refine", "vote", "sides") if name in self.model_dump(exclude_none=True)}
        return self.model_dump(mode="json", exclude={"refine", "vote", "sides"} - late)


@dataclass(frozen=True)
class StoredPicture:
    """A picture in the object store, verified."""

    key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class ExaminationRecord:
    """An examination and, once an evaluation has them, its errors."""

    row: Run
    spec: ExaminationSpec
    evaluation: Evaluation | None


def find(session: Session, spec: ExaminationSpec) -> Run | None:
    """Returns an equal examination, done or under way. Locks the runs until the transaction ends.

    Raises NotFound, Conflict and Refused if these runs can't be examined this way.
    """
    first, *others = _lock(session, spec.runs)
    for run in (first, *others):
        _refuse_another_task(run, spec.kind)
        _refuse_without_weights(session, run)
    _refuse_unlike(session, first, others)
    if spec.kind != "predict":
        datasets.classes(session, tasks.of(first.spec))  # raises if the data set is gone
    if spec.views not in (None, "single") and RunSpec.model_validate(first.spec).family == "cifar":
        raise Refused(
            "views",
            f"views must be single, not {spec.views}: the cifar family sees the whole image (sec. 4.2).",
        )
    return _equal(session, first, spec)


def create(
    session: Session,
    spec: ExaminationSpec,
    owner: str,
    run_id: UUID | None = None,
    picture: StoredPicture | None = None,
) -> tuple[Run, bool]:
    """Queues an examination, or returns an equal one, and says whether it is new. Raises what `find` does, and
    QuotaReached."""
    equal = find(session, spec)
    if equal is not None:
        return equal, False
    subject = verbs.get(session, spec.runs[0])
    limits.check(session, owner, subject.project)
    row = Run(
        project=subject.project,
        spec=subject.spec,
        spec_hash=subject.spec_hash,
        depth=subject.depth,
        shortcut=subject.shortcut,
        dataset=subject.dataset,
        iterations=subject.iterations,
        parameters=subject.parameters,
        multiply_adds=subject.multiply_adds,
        weighted_layers=subject.weighted_layers,
        id=run_id or new_id(),
        name=f"examines {subject.name}"[:200],
        owner=owner,
        tags=[],
        notes="",
        priority=PRIORITY,
        examination=spec.stored(),
        status=Status.queued,
        fence=0,
        last_seq=0,
        iteration=0,
    )
    session.add(row)
    history.record(session, row, EventKind.created, owner, examination=row.examination)
    if picture:
        # At iteration 0, so that it outlives a second attempt, which deletes everything later.
        session.add(
            Artifact(
                run_id=row.id,
                attempt=None,
                iteration=0,
                role="picture",
                format="image",
                key=picture.key,
                sha256=picture.sha256,
                size_bytes=picture.size_bytes,
            )
        )
    notify(session, QUEUE_CHANGED)
    failpoints.reach("api.examining")
    return row, True


def get(session: Session, run_id: UUID) -> ExaminationRecord:
    """Raises NotFound, also for a training run."""
    row = session.get(Run, run_id)
    if row is None or row.examination is None:
        raise NotFound(f"There is no examination {run_id}.")
    return _with_evaluations(session, [row])[0]


def of_run(session: Session, run_id: UUID) -> list[ExaminationRecord]:
    """Returns the examinations of a run, alone or with others, the newest first. Raises NotFound."""
    verbs.get(session, run_id)
    newest = select(Run).where(verbs.examines(run_id)).order_by(Run.created_at.desc(), Run.id.desc())
    return _with_evaluations(session, list(session.scalars(newest.limit(MOST_LISTED))))


def of_kind(session: Session, run_ids: Sequence[UUID], kind: ExaminationKind) -> list[ExaminationRecord]:
    """Returns the examinations of one kind of any of these runs, the newest first; a deleted run has none."""
    runs = select(Run).where(or_(*map(verbs.examines, run_ids)), Run.examination["kind"].astext == kind)
    ordered = runs.order_by(Run.created_at.desc(), Run.id.desc())
    return _with_evaluations(session, list(session.scalars(ordered.limit(MOST_LISTED))))


def of_runs(session: Session, run_ids: Sequence[UUID]) -> list[ExaminationRecord]:
    """Returns the examinations of any of these runs, the oldest first."""
    if not run_ids:
        return []
    oldest = select(Run).where(or_(*map(verbs.examines, run_ids))).order_by(Run.created_at, Run.id)
    return _with_evaluations(session, list(session.scalars(oldest)))


def reports(session: Session, rows: Collection[Run]) -> dict[UUID, Artifact]:
    """Returns the reports of the examinations that have succeeded; each has one."""
    done = [row.id for row in rows if row.status == Status.succeeded]
    query = select(Artifact).where(Artifact.run_id.in_(done), Artifact.role == "report")
    return {report.run_id: report for report in session.scalars(query)} if done else {}


def weights(session: Session, spec: ExaminationSpec) -> dict[UUID, Artifact]:
    """Returns the files to examine, in the order of the runs. Raises NotFound."""
    runs = {run_id: verbs.get(session, run_id) for run_id in spec.runs}
    return {run_id: artifacts.weights(session, run, "last", "safetensors") for run_id, run in runs.items()}


def _lock(session: Session, ids: Sequence[UUID]) -> list[Run]:
    """Locks the runs in one order: two equal requests create one examination, and a deleted run gets none."""
    runs = {run_id: verbs.lock(session, run_id) for run_id in sorted(ids)}
    return [runs[run_id] for run_id in ids]


def _refuse_another_task(run: Run, kind: ExaminationKind) -> None:
    if run.task == "detection" and kind in ("evaluate", "responses", "statistics"):
        raise Refused("kind", f"{run.name} is a detector. Its kind must be detect, not {kind}.")
    if run.task == "classification" and kind == "detect":
        raise Refused("kind", f"{run.name} is a classifier. Its kind must be evaluate or responses, not detect.")


def _refuse_without_weights(session: Session, run: Run) -> None:
    if run.examination is not None:
        raise Conflict(f"{run.id} is an examination. Name the run that it examines.")
    if run.status != Status.succeeded:
        raise Conflict(f"Run {run.id} is {run.status}. Only a run that has succeeded has weights to examine.")
    if artifacts.weights(session, run, "last", "safetensors").missing_at is not None:
        raise Conflict(f"The weights of run {run.id} are missing from the object store.")


def _refuse_unlike(session: Session, first: Run, others: Sequence[Run]) -> None:
    """Refuses ensembles that can be refused without reading the weights; the trainer compares the classes' names."""
    spec = tasks.of(first.spec)
    for other in others:
        other_spec = tasks.of(other.spec)
        if isinstance(spec, RunSpec) and isinstance(other_spec, RunSpec) and other_spec.family != spec.family:
            message = f"An ensemble needs runs of one family, but run {other.id} is {other_spec.family}."
            raise Refused("together_with", message)
        if datasets.classes(session, other_spec) != datasets.classes(session, spec):
            message = f"An ensemble needs runs with the same classes, but run {other.id} has others."
            raise Refused("together_with", message)


def _equal(session: Session, first: Run, spec: ExaminationSpec) -> Run | None:
    """Compares the runs as a set: their order doesn't change an ensemble's mean, only which data set is evaluated."""
    ids = [str(run_id) for run_id in spec.runs]
    same = (
        Run.examination.contains({"runs": ids}),
        func.jsonb_array_length(Run.examination.op("->")("runs")) == len(ids),
        Run.examination.op("-")("runs") == {name: value for name, value in spec.stored().items() if name != "runs"},
        Run.dataset == first.dataset,
    )
    lost = select(Artifact.id).where(Artifact.run_id == Run.id, Artifact.missing_at.is_not(None))
    alive = (Run.status.not_in([Status.failed, Status.cancelled]), ~lost.exists())
    # A name that was registered again stands for other images. A picture doesn't change.
    changed = select(Dataset.name).where(Dataset.name == Run.dataset, Dataset.created_at > Run.created_at)
    is_current = true() if spec.kind == "predict" else ~changed.exists()
    return session.scalar(select(Run).where(*same, *alive, is_current).order_by(Run.created_at.desc()).limit(1))


def _with_evaluations(session: Session, rows: Collection[Run]) -> list[ExaminationRecord]:
    query = select(Evaluation).where(Evaluation.run_id.in_([row.id for row in rows]))
    evaluations = {evaluation.run_id: evaluation for evaluation in session.scalars(query)} if rows else {}
    return [
        ExaminationRecord(row, ExaminationSpec.model_validate(row.examination), evaluations.get(row.id)) for row in rows
    ]
