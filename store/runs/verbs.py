"""The verbs of a run that people call: create, get, change, cancel, pause, resume, delete."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from store import history
from store.curves import write
from store.db.database import QUEUE_CHANGED, RUN_DELETED, notify
from store.db.errors import Conflict, NotFound
from store.db.identifiers import new_id
from store.db.models import IdempotencyKey, Run
from store.runs import idempotency
from store.runs.states import TERMINAL, EventKind, Queue, Status, StopRequest
from trainer.plan import NetworkPlan
from trainer.spec import RunSpec


@dataclass(frozen=True)
class Parent:
    """The run that a new one retries; with an iteration, the one that it goes on from (`store.runs.lineage`)."""

    run_id: UUID
    iteration: int | None = None


@dataclass(frozen=True)
class Submission:
    """What a POST carries, parsed."""

    spec: RunSpec
    plan: NetworkPlan
    owner: str
    name: str | None = None
    project: str = "default"
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    priority: int = 0
    queue: Queue | None = None
    parent: Parent | None = None
    run_id: UUID = field(default_factory=new_id)  # the run's, where it turns out to be new


def create(session: Session, submission: Submission, key: str | None = None, body_hash: str = "") -> tuple[Run, bool]:
    """A queued run, and whether it is new: the same idempotency key and body give the same run.

    Raises Conflict where the key was used with another body.
    """
    run_id = submission.run_id
    if key is not None:
        taken = idempotency.take(
            session, IdempotencyKey(owner=submission.owner, key=key, body_hash=body_hash, run_id=run_id)
        )
        if taken != run_id:
            return get(session, taken), False
    spec, parent = submission.spec, submission.parent
    run = Run(
        id=run_id,
        name=submission.name or spec.name,
        project=submission.project,
        owner=submission.owner,
        tags=submission.tags,
        notes=submission.notes,
        priority=submission.priority,
        queue=submission.queue,
        spec=spec.model_dump(mode="json"),
        spec_hash=spec.hash(),
        depth=spec.depth,
        shortcut=spec.shortcut,
        dataset=spec.dataset,
        iterations=spec.iterations,
        parent_id=parent and parent.run_id,
        parent_iteration=parent and parent.iteration,
        parameters=submission.plan.parameters,
        multiply_adds=submission.plan.multiply_adds,
        weighted_layers=submission.plan.weighted_layers,
        status=Status.queued,
        fence=0,
        last_seq=0,
        iteration=(parent and parent.iteration) or 0,
    )
    session.add(run)
    told = {"parent": str(parent.run_id), "parent_iteration": parent.iteration} if parent else {}
    history.record(session, run, EventKind.created, submission.owner, **told)
    notify(session, QUEUE_CHANGED)
    return run, True


def get(session: Session, run_id: UUID) -> Run:
    """Raises NotFound."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    return run


def training(session: Session, run_id: UUID) -> Run:
    """A run that trains. Raises NotFound, and Conflict for an examination."""
    run = get(session, run_id)
    if run.examination is not None:
        raise Conflict("this is an examination of other runs' weights: it trains nothing itself")
    return run


def get_all(session: Session, ids: Collection[UUID]) -> list[Run]:
    """In the order of the ids, each once. Raises NotFound for the first that is missing."""
    found = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids)))}
    return [found.get(run_id) or get(session, run_id) for run_id in dict.fromkeys(ids)]


def lock(session: Session, run_id: UUID) -> Run:
    """The run with its row held until the transaction ends. Raises NotFound."""
    run = session.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    return run


def change(session: Session, run_id: UUID, actor: str, **fields: Any) -> Run:
    """Sets name, project, tags, notes; priority while the run is queued. Raises NotFound, Conflict."""
    run = lock(session, run_id)
    if "priority" in fields and run.status != Status.queued:
        raise Conflict(f"priority can only be changed while a run is queued; this one is {run.status}")
    changed = {name: value for name, value in fields.items() if getattr(run, name) != value}
    for name, value in changed.items():
        setattr(run, name, value)
    if changed:
        history.record(session, run, EventKind.changed, actor, **changed)
    return run


def cancel(session: Session, run_id: UUID, actor: str) -> Run:
    """A queued or paused run is cancelled at once; a running one when its worker has saved a last checkpoint.

    Calling it again is harmless. Raises NotFound, and Conflict where the run has already ended otherwise.
    """
    run = lock(session, run_id)
    if run.status == Status.cancelled or run.stop_request == StopRequest.cancel:
        return run
    if run.status in TERMINAL:
        raise Conflict(f"a run that has {run.status} cannot be cancelled")
    if run.status == Status.running:
        run.stop_request = StopRequest.cancel
        history.record(session, run, EventKind.cancel_requested, actor)
        return run
    end(session, run, Status.cancelled, actor=actor)
    return run


def pause(session: Session, run_id: UUID, actor: str) -> Run:
    """A queued run is paused at once; a running one when its worker has saved a last checkpoint.

    Calling it again is harmless. Raises NotFound, and Conflict where the run has ended or is being cancelled.
    """
    run = _alive(session, run_id, "paused")
    if run.status == Status.paused or run.stop_request == StopRequest.pause:
        return run
    if run.status == Status.running:
        run.stop_request = StopRequest.pause
        history.record(session, run, EventKind.pause_requested, actor)
        return run
    run.status, run.rung_at = Status.paused, None
    history.record(session, run, EventKind.paused, actor)
    return run


def resume(session: Session, run_id: UUID, actor: str) -> Run:
    """A paused run waits again, from its last checkpoint and without a back-off; a wish to pause is taken back.

    A run that waits or is trained stays as it is. Raises NotFound, and Conflict where the run has ended or is being
    cancelled.
    """
    run = _alive(session, run_id, "resumed")
    if run.status == Status.paused:
        run.status, run.not_before, run.failures = Status.queued, None, 0
        notify(session, QUEUE_CHANGED)
    elif run.stop_request == StopRequest.pause:
        run.stop_request = None
    else:
        return run
    history.record(session, run, EventKind.resumed, actor)
    return run


def _alive(session: Session, run_id: UUID, done: str) -> Run:
    run = lock(session, run_id)
    if run.status in TERMINAL:
        raise Conflict(f"a run that has {run.status} cannot be {done}; retry or fork makes a new one of it")
    if run.stop_request == StopRequest.cancel:
        raise Conflict(f"this run is being cancelled: it cannot be {done}")
    return run


def end(
    session: Session,
    run: Run,
    status: Status,
    *,
    reason: str | None = None,
    message: str = "",
    actor: str = history.SERVICE,
) -> None:
    """Moves a held run to its terminal state; its last points are put together, as none will follow."""
    write.compact(session, run)
    run.status, run.reason, run.message, run.stop_request = status, reason, message or None, None
    run.finished_at = func.now()
    detail = {"reason": reason, "message": message} if reason else {}
    history.record(session, run, EventKind(status), actor, **detail)
    notify(session, QUEUE_CHANGED)


def remove(session: Session, run_id: UUID) -> list[UUID]:
    """Deletes the rows, and those of the run's examinations. Answers the ids of all that is gone: its objects, under
    `runs/ID/`, are the caller's to delete after the commit.

    Raises NotFound, and Conflict where the run or an examination of it is running.
    """
    run = lock(session, run_id)
    if run.status == Status.running:
        raise Conflict("a running run cannot be deleted: cancel it first")
    examinations = session.scalars(select(Run).where(examines(run_id)).order_by(Run.id).with_for_update()).all()
    for examination in examinations:
        if examination.status == Status.running:
            raise Conflict(f"a run that is being examined cannot be deleted: cancel examination {examination.id} first")
    gone = [run_id, *(examination.id for examination in examinations)]
    session.execute(delete(Run).where(Run.id.in_(gone)))
    for one in gone:
        notify(session, RUN_DELETED, str(one))
    return gone


def examines(run_id: UUID) -> ColumnElement[bool]:
    """Whether a row is an examination of this run, alone or with others (`store.examinations`)."""
    return Run.examination.contains({"runs": [str(run_id)]})
