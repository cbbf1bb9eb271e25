"""The kinds of notices, and their words."""

from enum import StrEnum
from typing import Any, Final

from store.db.models import Event, Notice, Run, Worker
from store.runs.states import EventKind


class NoticeKind(StrEnum):
    """What a channel can be told of."""

    run_succeeded = "run.succeeded"
    run_failed = "run.failed"
    run_cancelled = "run.cancelled"
    study_ended = "study.ended"
    worker_unfit = "worker.unfit"
    quota_reached = "quota.reached"
    test = "test"


# What a channel may choose.
CHOICES: Final[tuple[NoticeKind, ...]] = tuple(kind for kind in NoticeKind if kind != NoticeKind.test)
OF_EVENTS: Final = {
    EventKind.succeeded: NoticeKind.run_succeeded,
    EventKind.failed: NoticeKind.run_failed,
    EventKind.cancelled: NoticeKind.run_cancelled,
}


def of_run(event: Event, run: Run) -> Notice:
    """What a run's last event says."""
    kind = OF_EVENTS[event.kind]
    name = run.name or str(run.id)[:8]
    return Notice(
        key=f"run:{run.id}:{event.seq}",
        kind=kind,
        project=run.project,
        path=f"/runs/{run.id}",
        title=f"{name}: {event.kind}",
        sentence=_sentence(event, run),
        body={"run": str(run.id), "name": run.name, "owner": run.owner, "status": run.status, **_result(event, run)},
    )


def of_worker(worker: Worker) -> Notice:
    """Why a worker takes no runs."""
    return Notice(
        key=f"worker:{worker.name}:{worker.trouble_since:%Y-%m-%dT%H:%M:%S%z}",
        kind=NoticeKind.worker_unfit,
        project=None,
        path="/queue",
        title=f"{worker.name} takes no runs",
        sentence=worker.trouble or "",
        body={"worker": worker.name, "host": worker.host, "device": worker.device},
    )


def of_quota(holder: str, name: str, sentence: str, month: str, quota: str | None = None) -> Notice:
    """Whose device-hours of the month are used, or with `quota`, whose other quota is used up; once a month."""
    return Notice(
        key=":".join(filter(None, ("quota", holder, name, quota, month))),
        kind=NoticeKind.quota_reached,
        project=name if holder == "project" else None,
        path="/access",
        title=f"The quota of {name} is used up",
        sentence=sentence,
        body={holder: name, "month": month},
    )


def _sentence(event: Event, run: Run) -> str:
    match event.kind:
        case EventKind.succeeded if run.test_error is not None:
            return f"It has finished with a test error of {run.test_error:.2f} % after {run.iteration:,} iterations."
        case EventKind.succeeded:
            return f"It has finished after {run.iteration:,} iterations."
        case EventKind.failed:
            return f"It has failed ({run.reason}): {run.message or 'its log has the details'}"
        case _:
            return f"It was cancelled by {event.actor} at iteration {run.iteration:,}."


def _result(event: Event, run: Run) -> dict[str, Any]:
    values = {"iteration": run.iteration, "test_error": run.test_error, "reason": run.reason, "message": run.message}
    return {name: value for name, value in values.items() if value is not None} | {"actor": event.actor}
