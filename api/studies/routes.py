"""Studies over HTTP: plan, create, list, read, pause, resume, cancel and delete them."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.orm import Session

from api.http.access import Present
from api.http.audited import locate
from api.http.problems import responses
from api.runs.routes import IdempotencyKey
from api.service import Here
from api.studies.schema import StudyPage
from store import artifacts, studies
from store.db.errors import Refused
from store.db.models import Dataset
from store.db.models import Study as StudyRow
from store.people import projects, rights
from store.people.rights import Caller
from store.studies import NewMember, NewStudy
from studies import plans, seeds
from studies import views as study_views
from studies.models import SeedsAdd, SeedsAdded, Study, StudyCreate, StudyPlan, StudySummary
from studies.plans import recipe_named

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=100, description="The previous page's `next_cursor`.")]


@router.post(
    "",
    status_code=201,
    operation_id="create_study",
    responses={
        200: {
            "model": StudySummary | StudyPlan,
            "description": "The study that this key has already created, or, with `dry_run`, the plan.",
        },
        **responses(404, 409, 422),
    },
)
def create_study(
    body: StudyCreate,
    response: Response,
    service: Here,
    caller: Present,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[bool, Query(description="Returns the plan and queues nothing.")] = False,
) -> StudySummary | StudyPlan:
    """Queues all runs of one of the paper's experiments, or none of them."""
    recipe = recipe_named(body.recipe)
    if recipe.kind == "count" and not dry_run:
        raise Refused("recipe", f"{recipe.name} trains nothing. Its plan (dry_run=true) has the counts.")
    study = NewStudy(
        name=body.name or recipe.title,
        owner=caller.owner,
        recipe=recipe.name,
        seeds=body.seeds,
        scale=body.scale,
        dataset=body.dataset or recipe.dataset,
        budget=body.budget,
        project=body.project,
    )
    if not dry_run:
        with service.database.transaction() as session:
            projects.check(session, caller, body.project, body.priority)
    if body.registration is not None and not dry_run:
        from studies.registration import writing  # OpenSSL, which an idle API does not need

        locate(response, f"studies/{study.study_id}", is_new=True)
        writing.register(service, study, body, idempotency_key)  # committed before any run exists
    with service.database.transaction() as session:
        members = _expand(session, body, caller)
        if dry_run or body.reuse:
            members = plans.with_reusable_runs(session, members)
        if dry_run:
            response.status_code = 200
            return plans.study_plan(session, body, members, service.settings.lease_s)
        body_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        projects.submit_to(session, caller, body.project, body.priority)
        row, is_new = studies.create(session, study, members, idempotency_key, body_hash)
        created = study_views.summaries(session, [row])[0]
        locate(response, f"studies/{created.id}", is_new=is_new)
    return created


def _expand(session: Session, body: StudyCreate, caller: Caller) -> list[NewMember]:
    """Raises RequestValidationError for a field of detectors, in the words of every specification's fields."""
    try:
        return plans.expand(session, body, caller.owner, rights.readable(caller, Dataset.project))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", "detection", "fields", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error


@router.get("", operation_id="list_studies", responses=responses(422))
def list_studies(service: Here, caller: Present, limit: Limit = 50, cursor: Cursor = None) -> StudyPage:
    """The studies, newest first."""
    with service.database.transaction() as session:
        page = studies.find(session, limit, cursor, rights.readable(caller, StudyRow.project))
        items = study_views.summaries(session, page.studies)
    next_cursor = str(page.next_cursor) if page.next_cursor else None
    return StudyPage(items=items, next_cursor=next_cursor, total=page.total)


@router.get("/{study_id}", operation_id="get_study", responses=responses(404, 422))
def get_study(study_id: UUID, service: Here) -> Study:
    """The paper's table or figure beside ours, the verdicts and the claims, as far as the runs have progressed."""
    return study_views.study(service, study_id)


@router.post("/{study_id}/pause", operation_id="pause_study", responses=responses(404, 422))
def pause_study(study_id: UUID, service: Here, caller: Present) -> StudySummary:
    """Pauses every run that has not ended. Safe to repeat."""
    with service.database.transaction() as session:
        return study_views.summaries(session, [studies.pause(session, study_id, caller.owner)])[0]


@router.post("/{study_id}/resume", operation_id="resume_study", responses=responses(404, 422))
def resume_study(study_id: UUID, service: Here, caller: Present) -> StudySummary:
    """Resumes every paused run. Safe to repeat."""
    with service.database.transaction() as session:
        return study_views.summaries(session, [studies.resume(session, study_id, caller.owner)])[0]


@router.post("/{study_id}/cancel", operation_id="cancel_study", responses=responses(404, 422))
def cancel_study(study_id: UUID, service: Here, caller: Present) -> StudySummary:
    """Cancels every run that has not ended. Safe to repeat."""
    with service.database.transaction() as session:
        return study_views.summaries(session, [studies.cancel(session, study_id, caller.owner)])[0]


@router.post("/{study_id}/seeds", operation_id="add_seeds", responses=responses(404, 409, 422))
def add_seeds(study_id: UUID, body: SeedsAdd, service: Here, caller: Present) -> SeedsAdded:
    """Adds seeds: `add` of them, or as many as the planner expects to need within the budget."""
    return seeds.add(service, study_id, body, caller.owner)


@router.delete("/{study_id}", status_code=204, operation_id="delete_study", responses=responses(404, 409, 422))
def delete_study(
    study_id: UUID,
    service: Here,
    runs: Annotated[bool, Query(description="Also delete the study's runs, except those in other studies.")] = False,
) -> None:
    """Deletes the study and, with `runs`, its runs and their files. Cancel running ones first."""
    service.objects.check()  # without the rows nothing could delete the files later
    with service.database.transaction() as session:
        deleted = studies.remove(session, study_id, with_runs=runs)
    for run_id in deleted:
        service.objects.delete_prefix(artifacts.prefix(run_id))
