"""What people do with runs: create, get, change, cancel, pause, resume, delete."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from store import history
from store.curves import write
from store.db.database import QUEUE_CHANGED, RUN_DELETED, notify
from store.db.errors import Conflict, NotFound
from store.db.identifiers import new_id
from store.db.models import IdempotencyKey, Run, StudyMember
from store.quotas import limits
from store.runs import idempotency
from store.runs.states import TERMINAL, EventKind, Queue, Status, StopRequest
from store.weights import starts
from trainer.tasks import Plan, Spec


@dataclass(frozen=True)
class Parent:
    """The run that a new run retries or, with an iteration, forks from that checkpoint (`store.runs.lineage`)."""

    run_id: UUID
    iteration: int | None = None


@dataclass(frozen=True)
class Submission:
    """A run to create, as parsed from a POST."""

    spec: Spec
    plan: Plan
    owner: str
    name: str | None = None
    project: str = "default"
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    priority: int = 0
    queue: Queue | None = None
    machines: int = 1
    parent: Parent | None = None
    run_id: UUID = field(default_factory=new_id)  # used if the run turns out to be new


@dataclass(frozen=True)
class RunChange:
    """What a person may edit; None leaves a field as it is."""

    name: str | None = None
    project: str | None = None
    tags: list[str] | None = None
    notes: str | None = None
    priority: int | None = None
    archived: bool | None = None


def create(session: Session, submission: Submission, key: str | None = None, body_hash: str = "") -> tuple[Run, bool]:
    """Queues a run, and says whether it is new: the same idempotency key and body return the same run.

    Raises Conflict if the key was used with another body, and QuotaReached.
    """
    run_id = submission.run_id
    if key is not None:
        request = IdempotencyKey(owner=submission.owner, key=key, body_hash=body_hash, run_id=run_id)
        owner_id = idempotency.take(session, request)
        if owner_id != run_id:
            return get(session, owner_id), False
    starts.check(session, submission.spec)
    limits.check(session, submission.owner, submission.project)
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
        machines=submission.machines,
        devices=spec.devices // submission.machines,
        memory_bytes=submission.plan.memory_bytes,
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
    body = {"parent": str(parent.run_id), "parent_iteration": parent.iteration} if parent else {}
    history.record(session, run, EventKind.created, submission.owner, **body)
    notify(session, QUEUE_CHANGED)
    return run, True


def get(session: Session, run_id: UUID) -> Run:
    """Returns the run. Raises NotFound."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    return run


def training(session: Session, run_id: UUID) -> Run:
    """Returns a run that trains. Raises NotFound, and Conflict for an examination."""
    run = get(session, run_id)
    if run.examination is not None:
        raise Conflict("This is an examination of other runs' weights, not a training run.")
    return run


def trained_here(session: Session, run_id: UUID, verb: str) -> Run:
    """Returns a run that this service trains. `verb` is what an import can't be: `retried`.

    Raises NotFound, and Conflict for an examination and for an import.
    """
    run = training(session, run_id)
    if run.origin is not None:
        raise Conflict(f"{_ending(run)}, so it can't be {verb}. Start a run with its specification instead.")
    return run


def get_all(session: Session, ids: Collection[UUID]) -> list[Run]:
    """Returns the runs in the order of their ids, without repeats. Raises NotFound for the first missing one."""
    runs = {run.id: run for run in session.scalars(select(Run).where(Run.id.in_(ids)))}
    return [runs.get(run_id) or get(session, run_id) for run_id in dict.fromkeys(ids)]


def lock(session: Session, run_id: UUID) -> Run:
    """Returns the run, its row locked until the transaction ends. Raises NotFound."""
    run = session.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    return run


def change(session: Session, run_id: UUID, actor: str, to: RunChange) -> Run:
    """Sets the fields that are not None; priority only while the run is queued. Only a run that has ended is archived.

    Raises NotFound, Conflict.
    """
    run = lock(session, run_id)
    if to.priority is not None and run.status != Status.queued:
        raise Conflict(f"Priority can only be changed while a run is queued. This run is {run.status}.")
    if to.archived and run.status not in TERMINAL:
        raise Conflict(f"Only a run that has ended can be archived. This run is {run.status}.")
    before = _editable(run)
    run.name = run.name if to.name is None else to.name
    if to.project not in (None, run.project):
        _move(session, run, to.project)
    run.tags = run.tags if to.tags is None else to.tags
    run.notes = run.notes if to.notes is None else to.notes
    run.priority = run.priority if to.priority is None else to.priority
    if to.archived not in (None, before["archived"]):
        run.archived_at = func.now() if to.archived else None
    if changed := {field: value for field, value in _editable(run).items() if value != before[field]}:
        history.record(session, run, EventKind.changed, actor, **changed)
    return run


def _move(session: Session, run: Run, project: str) -> None:
    """Moves a run and its examinations, so that who sees the one sees the other. Raises Conflict."""
    if (study := session.scalar(select(StudyMember.study_id).where(StudyMember.run_id == run.id).limit(1))) is not None:
        raise Conflict(f"This run belongs to study {study}, so it stays in the study's project, {run.project}.")
    run.project = project
    session.execute(update(Run).where(examines(run.id)).values(project=project))


def _editable(run: Run) -> dict[str, Any]:
    return asdict(RunChange(run.name, run.project, run.tags, run.notes, run.priority, run.archived_at is not None))


def cancel(session: Session, run_id: UUID, actor: str) -> Run:
    """Cancels a queued or paused run immediately, and a running one once its worker has saved a last checkpoint.

    Safe to repeat. Raises NotFound, and Conflict if the run has already succeeded or failed.
    """
    run = lock(session, run_id)
    if run.status == Status.cancelled or run.stop_request == StopRequest.cancel:
        return run
    if run.status in TERMINAL:
        raise Conflict(f"{_ending(run)}, so it can't be cancelled.")
    if run.status == Status.running:
        run.stop_request = StopRequest.cancel
        history.record(session, run, EventKind.cancel_requested, actor)
        return run
    end(session, run, Status.cancelled, actor=actor)
    return run


def pause(session: Session, run_id: UUID, actor: str) -> Run:
    """Pauses a queued run immediately, and a running one once its worker has saved a last checkpoint.

    Safe to repeat. Raises NotFound, and Conflict if the run has ended or is being cancelled.
    """
    run = _lock_unended(session, run_id, "paused")
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
    """Queues a paused run again, from its last checkpoint and without a back-off, or withdraws a request to pause.

    A queued or running run stays as it is. Raises NotFound, and Conflict if the run has ended or is being cancelled.
    """
    run = _lock_unended(session, run_id, "resumed")
    if run.status == Status.paused:
        run.status, run.not_before, run.failures = Status.queued, None, 0
        notify(session, QUEUE_CHANGED)
    elif run.stop_request == StopRequest.pause:
        run.stop_request = None
    else:
        return run
    history.record(session, run, EventKind.resumed, actor)
    return run


def _lock_unended(session: Session, run_id: UUID, verb: str) -> Run:
    """Returns the run, locked. `verb` is what it can't be, as a participle: `paused`."""
    run = lock(session, run_id)
    if run.status in TERMINAL:
        way_on = "" if run.origin is not None else " Retry or fork it to continue."
        raise Conflict(f"{_ending(run)}, so it can't be {verb}.{way_on}")
    if run.stop_request == StopRequest.cancel:
        raise Conflict(f"This run is being cancelled, so it can't be {verb}.")
    return run


def _ending(run: Run) -> str:
    if run.origin is not None:
        return "This run was trained elsewhere and imported"
    return "This run was cancelled" if run.status == Status.cancelled else f"This run has {run.status}"


def end(
    session: Session,
    run: Run,
    status: Status,
    *,
    reason: str | None = None,
    message: str = "",
    actor: str = history.SERVICE,
) -> None:
    """Moves a locked run to its terminal state, and merges its last points, as no others will follow."""
    write.compact(session, run)
    run.status, run.reason, run.message, run.stop_request = status, reason, message or None, None
    run.finished_at = func.now()
    detail = {"reason": reason, "message": message} if reason else {}
    history.record(session, run, EventKind(status), actor, **detail)
    notify(session, QUEUE_CHANGED)


def remove(session: Session, run_id: UUID) -> list[UUID]:
    """Deletes the rows of the run and of its examinations, and returns their ids.

    The caller deletes their objects, under `runs/ID/`, after the commit. Raises NotFound, and Conflict if the run
    or one of its examinations is running.
    """
    run = lock(session, run_id)
    if run.status == Status.running:
        raise Conflict("A running run can't be deleted. Cancel it first.")
    examinations = session.scalars(select(Run).where(examines(run_id)).order_by(Run.id).with_for_update()).all()
    for examination in examinations:
        if examination.status == Status.running:
            raise Conflict(f"A run can't be deleted while it is examined. Cancel examination {examination.id} first.")
    deleted = [run_id, *(examination.id for examination in examinations)]
    starts.refuse_needed(session, deleted)
    session.execute(delete(Run).where(Run.id.in_(deleted)))
    for deleted_id in deleted:
        notify(session, RUN_DELETED, str(deleted_id))
    return deleted


def examines(run_id: UUID) -> ColumnElement[bool]:
    """The condition that a row examines this run, alone or with others (`store.examinations`)."""
    return Run.examination.contains({"runs": [str(run_id)]})
