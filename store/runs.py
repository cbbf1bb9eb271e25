"""The verbs of a run that people call: create, find, get, change, cancel, delete."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from store import curves, history
from store.database import QUEUE_CHANGED, RUN_DELETED, notify
from store.errors import Conflict, NotFound
from store.identifiers import new_id
from store.models import IdempotencyKey, Run
from store.states import TERMINAL, Status, Wish
from trainer.plan import Plan
from trainer.spec import RunSpec


@dataclass(frozen=True)
class Submission:
    """What a POST carries, parsed."""

    spec: RunSpec
    plan: Plan
    owner: str
    name: str | None = None
    project: str = "default"
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    priority: int = 0
    queue: str | None = None


def create(session: Session, submission: Submission, key: str | None = None, body_hash: str = "") -> tuple[Run, bool]:
    """A queued run, and whether it is new: the same idempotency key and body give the same run.

    Raises Conflict where the key was used with another body.
    """
    run_id = new_id()
    if key is not None:
        taken = _take_key(session, submission.owner, key, body_hash, run_id)
        if taken != run_id:
            return get(session, taken), False
    spec = submission.spec
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
        parameters=submission.plan.parameters,
        multiply_adds=submission.plan.multiply_adds,
        weighted_layers=submission.plan.weighted_layers,
        status=Status.queued,
        fence=0,
        last_seq=0,
        iteration=0,
    )
    session.add(run)
    session.flush()
    history.record(session, run, "created", submission.owner)
    notify(session, QUEUE_CHANGED)
    return run, True


def _take_key(session: Session, owner: str, key: str, body_hash: str, run_id: UUID) -> UUID:
    """The run that owns the key: ours where the key was free. A racing POST waits here for the other's commit."""
    row = {"owner": owner, "key": key, "body_hash": body_hash, "run_id": run_id}
    if session.execute(
        insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    ).first():
        return run_id
    taken = session.get_one(IdempotencyKey, (owner, key))
    if taken.body_hash != body_hash:
        raise Conflict(f"the idempotency key {key!r} was used with another body, for run {taken.run_id}")
    return taken.run_id


def get(session: Session, run_id: UUID) -> Run:
    """Raises NotFound."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    return run


def locked(session: Session, run_id: UUID) -> Run:
    """The run with its row held until the transaction ends. Raises NotFound."""
    run = session.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound(f"there is no run {run_id}")
    return run


def change(session: Session, run_id: UUID, actor: str, **fields: Any) -> Run:
    """Sets name, project, tags, notes; priority while the run is queued. Raises NotFound, Conflict."""
    run = locked(session, run_id)
    if "priority" in fields and run.status != Status.queued:
        raise Conflict(f"priority can only be changed while a run is queued; this one is {run.status}")
    changed = {name: value for name, value in fields.items() if getattr(run, name) != value}
    for name, value in changed.items():
        setattr(run, name, value)
    if changed:
        history.record(session, run, "changed", actor, **changed)
    return run


def cancel(session: Session, run_id: UUID, actor: str) -> Run:
    """A queued or paused run is cancelled at once; a running one when its worker has saved a last checkpoint.

    Calling it again is harmless. Raises NotFound, and Conflict where the run has already ended otherwise.
    """
    run = locked(session, run_id)
    if run.status == Status.cancelled or run.wish == Wish.cancel:
        return run
    if run.status in TERMINAL:
        raise Conflict(f"a run that has {run.status} cannot be cancelled")
    if run.status == Status.running:
        run.wish = Wish.cancel
        history.record(session, run, "cancel_wished", actor)
        return run
    end(session, run, Status.cancelled, actor=actor)
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
    curves.compact(session, run)
    run.status, run.reason, run.message, run.wish = status, reason, message or None, None
    run.finished_at = func.now()
    detail = {"reason": reason, "message": message} if reason else {}
    history.record(session, run, status.value, actor, **detail)
    notify(session, QUEUE_CHANGED)


def remove(session: Session, run_id: UUID) -> None:
    """Deletes the rows. Its objects, under `runs/ID/`, are the caller's to delete after the commit.

    Raises NotFound, and Conflict where the run is running.
    """
    run = locked(session, run_id)
    if run.status == Status.running:
        raise Conflict("a running run cannot be deleted: cancel it first")
    session.execute(delete(Run).where(Run.id == run_id))
    notify(session, RUN_DELETED, str(run_id))
