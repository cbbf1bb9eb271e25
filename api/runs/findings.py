"""The protocol check's findings on a run: on its specification at any time, on its result once it has ended."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.problems import responses
from api.http.schema import Response
from api.service import Here
from paper import lint
from paper.findings import Finding
from paper.lint import Neighbours, Result
from paper.lint.facts import ForeignResult
from store.curves.outcomes import RunOutcome, RunOutcomes
from store.db.models import Run
from store.imports.declaration import Origin
from store.runs import conditions, verbs
from store.runs.states import TERMINAL
from studies.judging import training_conditions
from trainer import tasks
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


class Findings(Response):
    items: list[Finding]
    neighbours: list[UUID] = Field(
        description="Succeeded runs that differ in the seed only; this run's result was compared with theirs."
    )


@router.get("/{run_id}/findings", operation_id="get_findings", responses=responses(404, 409, 422))
def get_findings(run_id: UUID, service: Here) -> Findings:
    """Where the run departs from the paper's protocol, with the paper's sentences and known casualties."""
    with service.database.transaction() as session:
        return of(session, service.outcomes, verbs.training(session, run_id))


def of(session: Session, outcomes: RunOutcomes, row: Run) -> Findings:
    if row.status not in TERMINAL or row.task == "detection":
        return Findings(items=lint.findings(tasks.of(row.spec)), neighbours=[])
    twins = conditions.twins(session, row)
    result = _result(session, row, outcomes.read(session, [row])[row.id], twins)
    return Findings(items=lint.of_result(result), neighbours=[twin.id for twin in twins])


def _result(session: Session, row: Run, outcome: RunOutcome, twins: list[Run]) -> Result:
    trainers = conditions.trainers(session, [twin.id for twin in twins])
    return Result(
        spec=RunSpec.model_validate(row.spec),
        iteration=row.iteration,
        test_error=row.test_error,
        test_images=outcome.tested_images,
        conditions=training_conditions(outcome.trainers),
        warmed_up_at=outcome.warmed_up_at,
        forked_at=row.parent_iteration,
        foreign=_foreign(row, outcome),
        neighbours=Neighbours([_neighbour(twin, trainers[twin.id]) for twin in twins]),
    )


def _foreign(row: Run, outcome: RunOutcome) -> ForeignResult | None:
    if row.origin is None:
        return None
    unknown = frozenset(Origin.model_validate(row.origin).unknown)
    return ForeignResult(unknown, outcome.has_rates, outcome.tested_at)


def _neighbour(row: Run, trainers: list[dict[str, Any]]) -> Result:
    spec = RunSpec.model_validate(row.spec)
    return Result(spec, row.iteration, row.test_error, None, conditions=training_conditions(trainers))
