"""A run by itself beside the paper's numbers of its network. What several seeds say together is a study's to tell."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.http.problems import responses
from api.http.schema import Response
from api.runs import findings
from api.service import Here
from paper.studies import StudyCell
from paper.studies.cells import alone
from store.runs import verbs
from studies import judging
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


class RunVerdict(Response):
    cells: list[StudyCell] = Field(description="Every number of the paper for this network, with ours and the verdict.")


@router.get("/{run_id}/verdict", operation_id="get_verdict", responses=responses(404, 409, 422))
def get_verdict(run_id: UUID, service: Here) -> RunVerdict:
    """None beside a network that the paper does not have. One seed alone never decides: it shows no spread."""
    with service.database.transaction() as session:
        row = verbs.training(session, run_id)
        found = findings.of(session, service.outcomes, row).items
        outcome = service.outcomes.read(session, [row])[row.id]
    label = RunSpec.model_validate(row.spec).name
    return RunVerdict(cells=list(alone(judging.member(label, row, outcome), found)))
