"""Actions on a run over HTTP: cancel, pause and resume; retry and fork, which create a new run."""

import hashlib
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response

from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.runs import views
from api.runs.routes import IdempotencyKey
from api.runs.schema import ForkCreate, Run
from api.service import Here
from store.people import rights
from store.people.rights import Caller
from store.runs import lineage, verbs
from store.runs.lineage import Fork
from store.runs.verbs import Submission

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["runs"])


@router.post("/cancel", operation_id="cancel_run", responses=responses(404, 409, 422))
def cancel_run(run_id: UUID, service: Here, caller: Present) -> Run:
    """Cancels a waiting run at once, a running one after its worker has saved a last checkpoint. Safe to repeat."""
    with service.database.transaction() as session:
        return views.run(session, verbs.cancel(session, run_id, caller.owner), service.settings.lease_s)


@router.post("/pause", operation_id="pause_run", responses=responses(404, 409, 422))
def pause_run(run_id: UUID, service: Here, caller: Present) -> Run:
    """Pauses a waiting run at once, a running one after its worker has saved a checkpoint. Safe to repeat."""
    with service.database.transaction() as session:
        return views.run(session, verbs.pause(session, run_id, caller.owner), service.settings.lease_s)


@router.post("/resume", operation_id="resume_run", responses=responses(404, 409, 422))
def resume_run(run_id: UUID, service: Here, caller: Present) -> Run:
    """Puts a paused run back into the queue; it continues from its last checkpoint. Safe to repeat."""
    with service.database.transaction() as session:
        return views.run(session, verbs.resume(session, run_id, caller.owner), service.settings.lease_s)


CREATES = {200: {"model": Run, "description": "The run that this key has already created."}, **responses(404, 409, 422)}


@router.post("/retry", status_code=201, operation_id="retry_run", responses=CREATES)
def retry_run(
    run_id: UUID, response: Response, service: Here, caller: Present, idempotency_key: IdempotencyKey = None
) -> Run:
    """Starts an ended run again, from scratch, as a new run with the same spec."""
    with service.database.transaction() as session:
        submission = _capped(caller, lineage.retry(session, run_id, caller.owner))
        row, is_new = verbs.create(session, submission, idempotency_key, _hash("retry", run_id))
        created = views.accepted(session, row, service.settings.lease_s)
        locate(response, f"runs/{created.id}", is_new=is_new)
    return created


@router.post("/fork", status_code=201, operation_id="fork_run", responses=CREATES)
def fork_run(
    run_id: UUID,
    response: Response,
    service: Here,
    caller: Present,
    body: ForkCreate | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Run:
    """Continues from a checkpoint of this run in a new run. This run doesn't change."""
    body = body or ForkCreate()
    fork = Fork(body.spec.model_dump(mode="json", exclude_none=True), body.iteration, body.name)
    with service.database.transaction() as session:
        submission, start = lineage.fork(session, run_id, fork, caller.owner)
    submission = _capped(caller, submission)
    key = lineage.copy(service.objects, submission, start)  # files before rows
    with service.database.transaction() as session:
        row, is_new = verbs.create(session, submission, idempotency_key, _hash("fork", run_id, body.model_dump_json()))
        if is_new:
            lineage.begin(session, row, start, key)
        created = views.accepted(session, row, service.settings.lease_s)
        locate(response, f"runs/{created.id}", is_new=is_new)
    if not is_new:
        service.objects.delete([key])
    return created


def _capped(caller: Caller, submission: Submission) -> Submission:
    """With the parent's priority, as far as the caller's role allows it."""
    most = rights.most_priority(caller, caller.role(submission.project))
    return replace(submission, priority=min(submission.priority, most))


def _hash(*parts: object) -> str:
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()
