"""Runs over HTTP: create, list, get, change, delete. `moves` has the other actions."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.runs import views
from api.runs.plan import classes, planned
from api.runs.schema import MOST_COUNTED, Run, RunChange, RunCreate, RunPage, RunQuery
from api.service import Here
from store import artifacts
from store.db import failpoints
from store.db.models import Run as RunRow
from store.db.text import ShortText
from store.people import projects, rights
from store.runs import listing, verbs
from store.runs.verbs import Submission
from store.runs.where import Condition
from trainer.tasks import plan

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

IdempotencyKey = Annotated[
    ShortText | None,
    Header(alias="Idempotency-Key", description="Repeating a request with the same key and body creates nothing new."),
]


@router.post(
    "",
    status_code=201,
    operation_id="create_run",
    response_model=Run,
    responses={200: {"model": Run, "description": "The run that this key has already created."}, **responses(409, 422)},
)
def create_run(
    body: RunCreate,
    response: Response,
    service: Here,
    caller: Present,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[bool, Query(include_in_schema=False)] = False,
) -> Run | Response:
    """Queues a run. After a 201 response the run will reach its end, even if processes fail.

    `?dry_run=true` is deprecated: use `POST /api/v1/runs/plan`.
    """
    if dry_run:
        return Response(planned(service, body, caller).model_dump_json(), media_type="application/json")
    body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with service.database.transaction() as session:
        projects.submit_to(session, caller, body.project, body.priority)
        submission = Submission(
            spec=body.spec,
            plan=plan(body.spec, classes(session, body, caller)),
            owner=caller.owner,
            name=body.name,
            project=body.project,
            tags=body.tags,
            notes=body.notes,
            priority=body.priority,
            queue=body.queue,
            machines=body.machines,
        )
        row, is_new = verbs.create(session, submission, idempotency_key, body_hash)
        created = views.accepted(session, row, service.settings.lease_s)
        locate(response, f"runs/{created.id}", is_new=is_new)
        failpoints.reach("api.submitting")
    failpoints.reach("api.submitted")
    return created


@router.get("", operation_id="list_runs", response_model=RunPage, responses=responses(422))
def list_runs(query: Annotated[RunQuery, Query()], service: Here, caller: Present) -> Response:
    """One page of runs. A cursor stays valid while runs are added and deleted."""
    filters = listing.Filter(
        id=tuple(query.id),
        status=tuple(query.status),
        depth=tuple(query.depth),
        shortcut=tuple(query.shortcut),
        dataset=tuple(query.dataset),
        task=query.task,
        tag=query.tag,
        owner=query.owner,
        project=query.project,
        study=query.study,
        text=query.text,
        # What is named is shown, archived or not.
        archived=None if (query.id or query.study) and not query.archived else query.archived,
        where=tuple(map(Condition.parse, query.where)),
        readable=rights.readable(caller, RunRow.project),
    )
    order = listing.Order.parse(query.sort)
    with service.database.glance() as session:
        page = listing.find(session, filters, order, query.limit, query.cursor, MOST_COUNTED)
        content = service.pages.to_json(session, page, service.settings.lease_s)
    return Response(content, media_type="application/json")


@router.get("/{run_id}", operation_id="get_run", responses=responses(404, 422))
def get_run(run_id: UUID, service: Here) -> Run:
    """One run, with an estimate of its start while it is queued."""
    with service.database.transaction() as session:
        return views.run(session, verbs.get(session, run_id), service.settings.lease_s, forecasts=True)


@router.patch("/{run_id}", operation_id="change_run", responses=responses(403, 404, 409, 422))
def change_run(run_id: UUID, body: RunChange, service: Here, caller: Present) -> Run:
    """Changes a run's name, project, tags or notes, or the priority of a queued run; archives it or brings it back."""
    with service.database.transaction() as session:
        if body.project is not None:
            projects.submit_to(session, caller, body.project)
        if body.priority is not None:
            project = body.project or verbs.get(session, run_id).project
            projects.cap_priority(caller, project, caller.role(project), body.priority)
        row = verbs.change(session, run_id, caller.owner, verbs.RunChange(**body.model_dump()))
        return views.run(session, row, service.settings.lease_s)


@router.delete("/{run_id}", status_code=204, operation_id="delete_run", responses=responses(404, 409, 422))
def delete_run(run_id: UUID, service: Here) -> None:
    """Deletes the run, its files and its examinations permanently. Cancel a running one first."""
    service.objects.check()  # without the rows nothing could delete the files later
    with service.database.transaction() as session:
        deleted = verbs.remove(session, run_id)
    for deleted_id in deleted:
        service.objects.delete_prefix(artifacts.prefix(deleted_id))
