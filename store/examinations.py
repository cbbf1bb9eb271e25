"""Examinations: what a worker does with the weights of runs that have succeeded. Each is a row of `runs` (decision 22).

So an examination is queued, claimed, fenced, logged, cancelled and reaped as a training is; it starts from nothing, and
ends with a report, which is an artifact.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
from store.runs import verbs
from store.runs.states import EventKind, Status
from trainer.examination import ExaminationKind, Views
from trainer.spec import RunSpec

# Somebody waits for it before a page, and it takes minutes where a training takes hours.
PRIORITY = 100
# Of what is listed, the newest.
MOST_LISTED = 200
_OF_SUBJECT = ("project", "spec", "spec_hash", "depth", "shortcut", "dataset", "iterations", "parameters",
               "multiply_adds", "weighted_layers")  # fmt: skip


class ExaminationSpec(BaseModel):
    """What is asked of the last weights of `runs`: the column `examination`. The first one says on which images.

    `views` and `recompute_bn` are of an evaluation, the picture's SHA-256 is of a prediction.
    """

    model_config = ConfigDict(frozen=True)

    kind: ExaminationKind
    runs: tuple[UUID, ...]
    views: Views | None = None
    recompute_bn: bool | None = None
    picture: str | None = None


@dataclass(frozen=True)
class StoredPicture:
    """An object that is there already, verified."""

    key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class ExaminationRecord:
    """An examination and, of an evaluation that has got so far, its numbers."""

    row: Run
    spec: ExaminationSpec
    evaluation: Evaluation | None


def find(session: Session, spec: ExaminationSpec) -> Run | None:
    """The same one, done or under way: it is a function of the weights. The runs are locked until the transaction ends.

    Raises NotFound, Conflict and Refused where these runs cannot be examined so.
    """
    first, *others = _held(session, spec.runs)
    for run in (first, *others):
        _refuse_without_weights(session, run)
    _refuse_unlike(session, first, others)
    if spec.kind != "predict":
        datasets.classes(session, RunSpec.model_validate(first.spec))  # of images that must be there
    if spec.views not in (None, "single") and RunSpec.model_validate(first.spec).family == "cifar":
        raise Refused(
            "views", f"views {spec.views} is for photographs: the CIFAR family sees the whole image (sec. 4.2)"
        )
    return _known(session, first, spec)


def create(
    session: Session,
    spec: ExaminationSpec,
    owner: str,
    run_id: UUID | None = None,
    picture: StoredPicture | None = None,
) -> tuple[Run, bool]:
    """A queued examination, or the same one where there is one, and whether it is new. Raises what `find` does."""
    known = find(session, spec)
    if known is not None:
        return known, False
    subject = verbs.get(session, spec.runs[0])
    row = Run(
        **{name: getattr(subject, name) for name in _OF_SUBJECT},
        id=run_id or new_id(),
        name=f"examines {subject.name}"[:200],
        owner=owner,
        tags=[],
        notes="",
        priority=PRIORITY,
        examination=spec.model_dump(mode="json"),
        status=Status.queued,
        fence=0,
        last_seq=0,
        iteration=0,
    )
    session.add(row)
    history.record(session, row, EventKind.created, owner, examination=row.examination)
    if picture:
        # Of iteration 0: whoever makes the examination again supersedes what came after it.
        file = {"role": "picture", "format": "image", "iteration": 0}
        session.add(Artifact(run_id=row.id, attempt=None, **file, **vars(picture)))
    notify(session, QUEUE_CHANGED)
    failpoints.reach("api.examining")
    return row, True


def get(session: Session, run_id: UUID) -> ExaminationRecord:
    """Raises NotFound, also for a run that trains."""
    row = session.get(Run, run_id)
    if row is None or row.examination is None:
        raise NotFound(f"there is no examination {run_id}")
    return _with_numbers(session, [row])[0]


def of_run(session: Session, run_id: UUID) -> list[ExaminationRecord]:
    """Those of a run, alone or with others, the newest first. Raises NotFound."""
    verbs.get(session, run_id)
    found = select(Run).where(verbs.examines(run_id)).order_by(Run.created_at.desc(), Run.id.desc())
    return _with_numbers(session, list(session.scalars(found.limit(MOST_LISTED))))


def of_kind(session: Session, run_ids: Sequence[UUID], kind: ExaminationKind) -> list[ExaminationRecord]:
    """Those of this kind of any of these runs, the newest first; a run that is no more has none."""
    runs = select(Run).where(or_(*map(verbs.examines, run_ids)), Run.examination["kind"].astext == kind)
    ordered = runs.order_by(Run.created_at.desc(), Run.id.desc())
    return _with_numbers(session, list(session.scalars(ordered.limit(MOST_LISTED))))


def of_runs(session: Session, run_ids: Sequence[UUID]) -> list[ExaminationRecord]:
    """Those of any of these runs, the oldest first."""
    if not run_ids:
        return []
    found = select(Run).where(or_(*map(verbs.examines, run_ids))).order_by(Run.created_at, Run.id)
    return _with_numbers(session, list(session.scalars(found)))


def reports(session: Session, rows: Collection[Run]) -> dict[UUID, Artifact]:
    """What they found, of those that have succeeded; each has one."""
    done = [row.id for row in rows if row.status == Status.succeeded]
    found = select(Artifact).where(Artifact.run_id.in_(done), Artifact.role == "report")
    return {report.run_id: report for report in session.scalars(found)} if done else {}


def weights(session: Session, spec: ExaminationSpec) -> dict[UUID, Artifact]:
    """The files to be examined, in the order of the runs. Raises NotFound."""
    found = {run_id: verbs.get(session, run_id) for run_id in spec.runs}
    return {run_id: artifacts.weights(session, run, "last", "safetensors") for run_id, run in found.items()}


def _held(session: Session, ids: Sequence[UUID]) -> list[Run]:
    """Locked in one order, so that two who ask for the same make one examination, and none of a run that goes."""
    held = {run_id: verbs.lock(session, run_id) for run_id in sorted(ids)}
    return [held[run_id] for run_id in ids]


def _refuse_without_weights(session: Session, run: Run) -> None:
    if run.examination is not None:
        raise Conflict(f"{run.id} is an examination: it has no weights of its own")
    if run.status != Status.succeeded:
        raise Conflict(f"run {run.id} is {run.status}: only the weights of one that has succeeded are examined")
    if artifacts.weights(session, run, "last", "safetensors").missing_at is not None:
        raise Conflict(f"the weights of run {run.id} are gone from the object store")


def _refuse_unlike(session: Session, first: Run, others: Sequence[Run]) -> None:
    """What can be told without the weights; the trainer compares the classes' names."""
    spec = RunSpec.model_validate(first.spec)
    for other in others:
        theirs = RunSpec.model_validate(other.spec)
        if theirs.family != spec.family:
            raise Refused("together_with", f"run {other.id} is of another family than {first.id}: no ensemble of both")
        if datasets.classes(session, theirs) != datasets.classes(session, spec):
            raise Refused("together_with", f"run {other.id} knows other classes than {first.id}: no ensemble of both")


def _known(session: Session, first: Run, spec: ExaminationSpec) -> Run | None:
    """The order of an ensemble is nothing to its mean; only the data set to judge on is the first one's."""
    ids = [str(run_id) for run_id in spec.runs]
    same = (
        Run.examination.contains({"runs": ids}),
        func.jsonb_array_length(Run.examination.op("->")("runs")) == len(ids),
        Run.examination.op("-")("runs") == spec.model_dump(mode="json", exclude={"runs"}),
        Run.dataset == first.dataset,
    )
    lost = select(Artifact.id).where(Artifact.run_id == Run.id, Artifact.missing_at.is_not(None))
    alive = (Run.status.not_in([Status.failed, Status.cancelled]), ~lost.exists())
    # A name that was registered anew stands for other images. A picture is what it is.
    changed = select(Dataset.name).where(Dataset.name == Run.dataset, Dataset.created_at > Run.created_at)
    of_now = true() if spec.kind == "predict" else ~changed.exists()
    return session.scalar(select(Run).where(*same, *alive, of_now).order_by(Run.created_at.desc()).limit(1))


def _with_numbers(session: Session, rows: Collection[Run]) -> list[ExaminationRecord]:
    query = select(Evaluation).where(Evaluation.run_id.in_([row.id for row in rows]))
    evaluations = {evaluation.run_id: evaluation for evaluation in session.scalars(query)} if rows else {}
    return [
        ExaminationRecord(row, ExaminationSpec.model_validate(row.examination), evaluations.get(row.id)) for row in rows
    ]
