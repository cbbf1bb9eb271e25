"""One run beside the paper's numbers for its network. A study combines several seeds."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.http.problems import responses
from api.http.schema import Response
from api.runs import findings
from api.service import Here
from paper.studies import StudyCell
from paper.studies.cells import single_run_cells
from store.runs import verbs
from studies import judging
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


class RunVerdict(Response):
    cells: list[StudyCell] = Field(description="The paper's numbers for this network, each with ours and the verdict.")


@router.get("/{run_id}/verdict", operation_id="get_verdict", responses=responses(404, 409, 422))
def get_verdict(run_id: UUID, service: Here) -> RunVerdict:
    """Empty for a network that the paper doesn't have. One seed never decides: it has no spread."""
    with service.database.transaction() as session:
        row = verbs.training(session, run_id)
        items = findings.of(session, service.outcomes, row).items
        outcome = service.outcomes.read(session, [row])[row.id]
    label = RunSpec.model_validate(row.spec).name
    return RunVerdict(cells=list(single_run_cells(judging.member_result(label, row, outcome), items)))
