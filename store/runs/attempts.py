"""The verbs of a worker: claim, beat, append, commit, end. Each write locks the run's row and checks its fence.

`lock` takes the row FOR NO KEY UPDATE (or FOR SHARE where the row itself doesn't change). Without a lock, or with
FOR KEY SHARE, a former owner that was stopped for a while could still write after the takeover.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Update, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from store import artifacts, history, logs
from store.curves import write
from store.db import failpoints
from store.db.database import LOG_CHANGED, QUEUE_CHANGED, notify
from store.db.errors import Conflict, LeaseLost
from store.db.models import Artifact, Attempt, Event, LogChunk, Run, Worker
from store.db.settings import LOG_LIMIT_BYTES
from store.quotas import usage
from store.runs import evaluations, gangs, samples, slots, verbs
from store.runs.samples import Machine
from store.runs.states import WORKER_LOST, AttemptOutcome, EventKind, Reason, Status, StopRequest
from trainer.events import DetectionEvaluated, DetectionSteps, Evaluated, Points, Scores, Started, Steps, Warned

# A batch: the trainer's events, and a sample of its machine. Files and the end of an attempt have their own verbs.
BatchEvent = Started | Points | Scores | Warned | Machine


@dataclass(frozen=True)
class Claim:
    """A worker's claim on a run: everything that the worker needs to start, and its fence.

    machine: which of the run's machines; only number 0 holds the lease (`store.runs.gangs`).
    """

    run: Run
    attempt: int
    checkpoint: Artifact | None
    machine: int = 0

    @property
    def resumed_from(self) -> int:
        return self.checkpoint.iteration if self.checkpoint else 0


def claim(session: Session, worker: Worker, lease_s: float) -> Claim | None:
    """Claims the first run of the queue that this worker may train. None if no run waits, or others were faster, or
    the first one needs more machines than are free, for which the worker is then offered, or more of the device that it
    shares than is left.

    The same transaction deletes everything written after the checkpoint that the attempt starts from.
    """
    first = slots.first(session, worker, lease_s)
    if first is None or not gangs.enlist(session, worker, first, lease_s):
        return None
    claimed = (
        update(Run)
        .where(Run.id == first, Run.status == Status.queued)
        .values(
            status=Status.running,
            fence=Run.fence + 1,
            last_seq=Run.last_seq + 1,  # here, because a second version of the row would go into every index once more
            queue=worker.queue,
            rung_at=None,
            not_before=None,
            started_at=func.coalesce(Run.started_at, func.now()),
        )
        .returning(Run)
    )
    run = session.scalars(claimed).one()  # `first` has locked it
    is_new = run.fence == 1 and run.parent_iteration is None  # no checkpoint, and nothing to delete
    checkpoint = None if is_new else artifacts.latest(session, run.id, "checkpoint")
    start = checkpoint.iteration if checkpoint else 0
    if not is_new:
        _supersede(session, run, start)
    session.add(
        Attempt(
            run_id=run.id,
            number=run.fence,
            worker_id=worker.id,
            worker=worker.name,
            device=worker.device,
            slots=worker.slots or 1,
            shared_device=worker.shared_device,
            share=slots.share(worker, run),
            resumed_from=start,
            lease_until=func.now() + timedelta(seconds=lease_s),
        )
    )
    _occupy(session, worker.id, run.id)
    history.append(session, run, EventKind.claimed, worker=worker.name, device=worker.device, resumed_from=start)
    return Claim(run, run.fence, checkpoint)


def enlisted(session: Session, worker_id: UUID) -> Claim | None:
    """What another worker's claim has enlisted this one for, since it looked last."""
    place = gangs.place(session, worker_id)
    if place is None:
        return None
    start = session.get_one(Attempt, (place.run.id, place.run.fence)).resumed_from
    checkpoint = artifacts.latest(session, place.run.id, "checkpoint") if start else None
    return Claim(place.run, place.run.fence, checkpoint, place.machine)


def lock(session: Session, run_id: UUID, attempt: int, *, share: bool = False) -> Run:
    """Returns the run, locked. Raises LeaseLost if this attempt no longer owns it."""
    query = select(Run).where(Run.id == run_id, Run.fence == attempt, Run.status == Status.running)
    locking = query.with_for_update(read=True) if share else query.with_for_update(key_share=True)
    run = session.scalar(locking.execution_options(populate_existing=True))
    if run is None:
        raise LeaseLost(f"attempt {attempt} no longer owns run {run_id}")
    return run


def hold_idle(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Returns those that no worker trains, deleted runs among them. None is claimed before the transaction ends."""
    existing = set(session.scalars(select(Run.id).where(Run.id.in_(ids))))
    idle = select(Run.id).where(Run.id.in_(ids), Run.status != Status.running)
    locked = session.scalars(idle.with_for_update(key_share=True, skip_locked=True))
    return set(locked) | (set(ids) - existing)


def beat(session: Session, run_id: UUID, attempt: int, lease_s: float) -> StopRequest | None:
    """Extends the lease and returns the run's stop request, if any. Raises LeaseLost."""
    run = lock(session, run_id, attempt, share=True)
    # Not now(), when the transaction began: meanwhile it may have waited seconds for the row, which the attempt's own
    # writes lock. Over a line that loses 5 % of its packets, such a lease was over before it was renewed.
    lease_until = func.statement_timestamp() + timedelta(seconds=lease_s)
    session.execute(_update(run_id, attempt).values(lease_until=lease_until))
    return run.stop_request


def append(session: Session, run_id: UUID, attempt: int, number: int, events: list[BatchEvent]) -> StopRequest | None:
    """Writes batch `number` (1, 2, …) of events and returns the stop request, as `beat` does.

    Safe to repeat: a batch is written once. Raises LeaseLost.
    """
    run = lock(session, run_id, attempt)
    next_batch = _update(run_id, attempt).where(Attempt.last_batch == number - 1).values(last_batch=number)
    if session.scalar(next_batch.returning(Attempt.number)) is None:
        return run.stop_request
    machine = next((event for event in events if isinstance(event, Machine)), samples.NOTHING)
    for event in events:
        match event:
            case Steps() | DetectionSteps():
                write.append(session, run, event)
                samples.append(session, run, event, machine)
            case Machine():
                pass  # stored with the points
            case Evaluated() | DetectionEvaluated():
                evaluations.record(session, run, event)
            case Started() | Warned():
                history.record(session, run, EventKind(event.kind), **event.model_dump(mode="json", exclude={"kind"}))
    return run.stop_request


def append_log(
    session: Session, run_id: UUID, attempt: int, number: int, text: str, *, limit_bytes: int = LOG_LIMIT_BYTES
) -> None:
    """Writes chunk `number` (1, 2, …) of the log: whole lines. Safe to repeat. Raises LeaseLost."""
    lock(session, run_id, attempt, share=True)
    logs.append(session, LogChunk(run_id=run_id, attempt=attempt, number=number, text=text), limit_bytes)
    notify(session, LOG_CHANGED, str(run_id))


def succeed(session: Session, run_id: UUID, attempt: int) -> None:
    """running → succeeded, or cancelled if a cancel was requested: a run whose cancel was confirmed never succeeds.

    Raises LeaseLost, and Conflict if the last iteration, its weights or an examination's report is missing.
    """
    run = lock(session, run_id, attempt)
    if run.stop_request == StopRequest.cancel:
        return stop(session, run_id, attempt)
    if run.examination is not None:
        if artifacts.latest(session, run_id, "report") is None:
            raise Conflict(f"examination {run_id} has no report, so it hasn't succeeded")
    elif run.iteration != run.iterations or not _has_weights(session, run):
        raise Conflict(f"run {run_id} is at iteration {run.iteration} of {run.iterations}, so it hasn't succeeded")
    _leave(session, run, attempt, AttemptOutcome.succeeded)
    return verbs.end(session, run, Status.succeeded)


def _has_weights(session: Session, run: Run) -> bool:
    weights = artifacts.latest(session, run.id, "weights")
    return weights is not None and weights.iteration == run.iterations


def fail(session: Session, run_id: UUID, attempt: int, reason: Reason, message: str) -> None:
    """running → failed, for a reason that would fail another attempt too. Raises LeaseLost."""
    run = lock(session, run_id, attempt)
    _leave(session, run, attempt, AttemptOutcome.failed)
    verbs.end(session, run, Status.failed, reason=reason, message=message)


def run_out(session: Session, run_id: UUID, attempt: int, message: str, most: int) -> Status:
    """running → failed, because its device has too little memory; or → queued, as in `return_to_queue`, if others may
    have trained on the same device: it gets the device alone next time. Raises LeaseLost.
    """
    run = lock(session, run_id, attempt)
    is_alone = session.get_one(Attempt, (run_id, attempt)).shared_device is None or run.failures > 0
    if not is_alone:
        return return_to_queue(session, run_id, attempt, f"{message} Other runs shared the device.", most=most)
    fail(session, run_id, attempt, "out_of_memory", message)
    return run.status


def stop(session: Session, run_id: UUID, attempt: int) -> None:
    """running → cancelled or paused, as requested, once the last checkpoint is committed. Raises LeaseLost."""
    run = lock(session, run_id, attempt)
    _leave(session, run, attempt, AttemptOutcome.stopped)
    if run.stop_request == StopRequest.cancel:
        verbs.end(session, run, Status.cancelled)
    elif run.stop_request == StopRequest.pause:
        run.status, run.stop_request = Status.paused, None
        history.record(session, run, EventKind.paused)
    else:
        raise Conflict(f"run {run_id} has no stop request")


def return_to_queue(
    session: Session, run_id: UUID, attempt: int, message: str, *, most: int | None = None, wait_s: float = 0
) -> Status:
    """running → queued. With `most`, this counts as a failure: the run backs off, and fails after `most` in a row.

    With `wait_s`, the run waits so long before its next attempt, without a failure. Raises LeaseLost.
    """
    run = lock(session, run_id, attempt)
    _leave(session, run, attempt, AttemptOutcome.returned)
    if wait_s:
        run.not_before = func.now() + timedelta(seconds=wait_s)
    _requeue(session, run, EventKind.returned, message, most)
    return run.status


def suspect(session: Session, run_id: UUID, attempt: int, message: str, most: int) -> Status:
    """running → queued after a failure that could be the machine's, but the machine has passed its own check.

    Counts as in `return_to_queue`. The run fails if a worker of another name says the same: two machines that are fit
    have failed at it. Raises LeaseLost.
    """
    run = lock(session, run_id, attempt)
    others = _suspected_elsewhere(session, run)
    _leave(session, run, attempt, AttemptOutcome.returned)
    if others and run.stop_request is None:
        text = f"The run failed on two machines that passed their own checks, {others[0]}'s before. Here: {message}"
        verbs.end(session, run, Status.failed, reason=WORKER_LOST, message=text)
    else:
        _requeue(session, run, EventKind.returned, message, most, is_fit=True)
    return run.status


def _suspected_elsewhere(session: Session, run: Run) -> list[str]:
    """The names of workers of other devices that suspect this run, which has made no progress since."""
    now = session.get_one(Attempt, (run.id, run.fence))
    suspects = (
        select(Attempt.worker)
        .join(Event, (Event.run_id == Attempt.run_id) & (Event.attempt == Attempt.number))
        .where(Attempt.run_id == run.id, Attempt.resumed_from == now.resumed_from, Attempt.worker != now.worker)
        .where(Event.kind == EventKind.returned, Event.body["is_fit"].as_boolean())
    )
    if now.shared_device is not None:
        suspects = suspects.where(Attempt.shared_device.is_distinct_from(now.shared_device))
    return list(session.scalars(suspects.order_by(Attempt.number)))


def reap(session: Session, most: int, limit: int = 50) -> list[UUID]:
    """Takes runs whose lease has expired from their workers: back to the queue, cancelled if requested, or failed after
    `most` losses in a row."""
    lost = list(session.scalars(_EXPIRED, {"limit": limit}))
    for run in lost:
        _leave(session, run, run.fence, AttemptOutcome.lease_expired)
        _requeue(session, run, EventKind.lease_expired, "its worker sent no heartbeat for one lease", most)
        failpoints.reach("control.reaping")
    return [run.id for run in lost]


_EXPIRED: Final = (
    select(Run)
    .join(Attempt, (Attempt.run_id == Run.id) & (Attempt.number == Run.fence))
    .where(Run.status == Status.running, Attempt.lease_until < func.now())
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(of=Run, skip_locked=True)
)


def _requeue(session: Session, run: Run, kind: EventKind, message: str, most: int | None, **body: Any) -> None:
    if run.stop_request == StopRequest.cancel:
        verbs.end(session, run, Status.cancelled)
        return
    if most is not None:
        run.failures += 1
        if run.failures >= most:
            text = f"{run.failures} attempts in a row ended without a new checkpoint. The last attempt: {message}"
            verbs.end(session, run, Status.failed, reason=WORKER_LOST, message=text)
            return
        # 1, 2, 4, 8 … s: a run that kills its trainer must not keep a device busy with restarts.
        run.not_before = func.now() + timedelta(seconds=2 ** (run.failures - 1))
    if run.stop_request == StopRequest.pause:
        run.status, run.stop_request = Status.paused, None
        history.record(session, run, EventKind.paused, message=message)
        return
    run.status = Status.queued
    history.record(session, run, kind, message=message, **body)
    notify(session, QUEUE_CHANGED)


def _leave(session: Session, run: Run, attempt: int, outcome: AttemptOutcome) -> None:
    session.execute(_update(run.id, attempt).values(ended_at=func.now(), outcome=outcome))
    usage.book(session, run.id, attempt)
    session.execute(update(Worker).where(Worker.run_id == run.id).values(run_id=None))


def _occupy(session: Session, worker_id: UUID, run_id: UUID) -> None:
    session.execute(update(Worker).where(Worker.id == worker_id).values(run_id=run_id, awaits=None, seen_at=func.now()))


def _supersede(session: Session, run: Run, start: int) -> None:
    """Deletes everything written after iteration `start`: the new attempt writes it again, bit for bit."""
    write.truncate(session, run.id, start)
    samples.truncate(session, run.id, start)
    session.execute(delete(Artifact).where(Artifact.run_id == run.id, Artifact.iteration > start))
    run.iteration, run.images_per_s = start, None
    run.train_error = write.last_train_error(session, run.id)
    evaluations.truncate(session, run, start)


def _update(run_id: UUID, attempt: int) -> Update:
    return update(Attempt).where(Attempt.run_id == run_id, Attempt.number == attempt)
