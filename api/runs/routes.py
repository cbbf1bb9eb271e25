"""Runs over HTTP: create, list, get, change, delete. `moves` has what else may be done with them."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from api.http.access import Present
from api.http.problems import responses
from api.runs import views
from api.runs.plan import classes, planned
from api.runs.schema import MOST_COUNTED, Run, RunChange, RunCreate, RunPage, RunQuery
from api.service import Here
from store import artifacts
from store.db import failpoints
from store.db.text import ShortText
from store.runs import listing, verbs
from store.runs.verbs import Submission
from store.runs.where import Condition
from trainer.plan import plan

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

IdempotencyKey = Annotated[
    ShortText | None,
    Header(
        alias="Idempotency-Key", description="The same key and body give the same run, however often they are sent."
    ),
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
    """Accepts a run: once this has answered 201, the run will reach its end.

    `?dry_run=true` is deprecated: use `POST /api/v1/runs/plan`.
    """
    if dry_run:
        return Response(planned(service, body).model_dump_json(), media_type="application/json")
    body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with service.database.transaction() as session:
        submission = Submission(
            spec=body.spec,
            plan=plan(body.spec, classes(session, body)),
            owner=caller.owner,
            name=body.name,
            project=body.project,
            tags=body.tags,
            notes=body.notes,
            priority=body.priority,
            queue=body.queue,
        )
        row, is_new = verbs.create(session, submission, idempotency_key, body_hash)
        created = views.accepted(session, row, service.settings.lease_s)
        failpoints.reach("api.submitting")
    failpoints.reach("api.submitted")
    if not is_new:
        response.status_code = 200
    response.headers["Location"] = f"/api/v1/runs/{created.id}"
    return created


@router.get("", operation_id="list_runs", response_model=RunPage, responses=responses(422))
def list_runs(asked: Annotated[RunQuery, Query()], service: Here) -> Response:
    """One page of runs. A cursor stays right while runs come and go."""
    wanted = listing.Filter(
        id=tuple(asked.id),
        status=tuple(asked.status),
        depth=tuple(asked.depth),
        shortcut=tuple(asked.shortcut),
        dataset=tuple(asked.dataset),
        tag=asked.tag,
        owner=asked.owner,
        project=asked.project,
        study=asked.study,
        text=asked.text,
        where=tuple(map(Condition.parse, asked.where)),
    )
    order = listing.Order.parse(asked.sort)
    with service.database.transaction() as session:
        page = listing.find(session, wanted, order, asked.limit, asked.cursor)
        is_whole = asked.cursor is None and page.next_cursor is None
        total = len(page.runs) if is_whole else listing.count(session, wanted, MOST_COUNTED)
        written = service.pages.written(session, page, total, service.settings.lease_s)
    return Response(written, media_type="application/json")


@router.get("/{run_id}", operation_id="get_run", responses=responses(404, 422))
def get_run(run_id: UUID, service: Here) -> Run:
    with service.database.transaction() as session:
        return views.run(session, verbs.get(session, run_id), service.settings.lease_s, forecasts=True)


@router.patch("/{run_id}", operation_id="change_run", responses=responses(404, 409, 422))
def change_run(run_id: UUID, body: RunChange, service: Here, caller: Present) -> Run:
    with service.database.transaction() as session:
        row = verbs.change(session, run_id, caller.owner, **body.model_dump(exclude_none=True))
        return views.run(session, row, service.settings.lease_s)


@router.delete("/{run_id}", status_code=204, operation_id="delete_run", responses=responses(404, 409, 422))
def delete_run(run_id: UUID, service: Here) -> None:
    """Really deletes: the rows, then the files; its examinations too. What is running must be cancelled first."""
    service.objects.check()  # once the rows are gone nobody can ask again for the files
    with service.database.transaction() as session:
        gone = verbs.remove(session, run_id)
    for removed in gone:
        service.objects.delete_prefix(artifacts.prefix(removed))
