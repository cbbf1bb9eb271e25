"""Runs over HTTP: create, list, get, change, delete. `moves` has what else may be done with them."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.orm import Session

from api.http.access import Present
from api.http.problems import responses
from api.runs import views
from api.runs.schema import MOST_COUNTED, Run, RunChange, RunCreate, RunPage, RunPlan, RunQuery
from api.service import Here, Service
from paper import lint
from store import artifacts, datasets
from store.db import failpoints
from store.db.errors import Refused
from store.db.text import Line
from store.runs import listing, speed, verbs
from store.runs.speed import Speed
from store.runs.verbs import Submission
from store.runs.where import Condition
from trainer.plan import plan

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

IdempotencyKey = Annotated[
    Line | None,
    Header(
        alias="Idempotency-Key", description="The same key and body give the same run, however often they are sent."
    ),
]


@router.post(
    "",
    status_code=201,
    operation_id="create_run",
    responses={
        200: {"model": Run | RunPlan, "description": "The run of the same key, or, with `dry_run`, the plan."},
        **responses(409, 422),
    },
)
def create_run(
    body: RunCreate,
    response: Response,
    service: Here,
    caller: Present,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[bool, Query(description="Answers the plan and queues nothing.")] = False,
) -> Run | RunPlan:
    """Accepts a run: once this has answered 201, the run will reach its end."""
    if dry_run:
        response.status_code = 200
        return _plan(service, body)
    body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with service.database.transaction() as session:
        submission = Submission(
            spec=body.spec,
            plan=plan(body.spec, _classes(session, body)),
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


def _plan(service: Service, body: RunCreate) -> RunPlan:
    spec = body.spec
    with service.database.transaction() as session:
        planned = plan(spec, _classes(session, body))
        measured = speed.expected(session, spec, planned.multiply_adds, body.queue)
    images = spec.iterations * spec.batch_size
    return RunPlan(
        **planned.model_dump(),
        spec=spec,
        spec_hash=spec.hash(),
        predicted_s=images / measured.images_per_s if measured else None,
        predicted_from=_basis(measured),
        findings=lint.findings(spec),
    )


def _classes(session: Session, body: RunCreate) -> int:
    try:
        return datasets.classes(session, body.spec)
    except Refused as refusal:
        raise Refused(f"spec.{refusal.field}", str(refusal)) from refusal


def _basis(measured: Speed | None) -> str:
    if measured is None:
        return "nothing was trained here yet, so nothing is measured"
    runs_told = "1 recent run" if measured.runs == 1 else f"{measured.runs} recent runs"
    if measured.is_same_network:
        return f"{runs_told} of this network"
    return f"{runs_told} of other networks, by multiply-adds"
