"""A run beside the paper's numbers for its network. A study combines several seeds, an import those of its lab."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.orm import Session

from api.http.problems import responses
from api.http.schema import Response
from api.runs import findings
from api.service import Here, Service
from paper.findings import Finding
from paper.studies import StudyCell
from paper.studies.cells import cells_of_runs
from store.db.models import Run
from store.runs import verbs
from studies import imports, judging
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


class RunVerdict(Response):
    cells: list[StudyCell] = Field(description="The paper's numbers for this network, each with ours and the verdict.")
    runs: list[UUID] = Field(description="The runs that count: this one, and for an import its lab's other seeds.")
    seeds: str | None = Field(
        description="For an import: how many of its lab's seeds count, of a number that nobody knows; else null."
    )


@router.get("/{run_id}/verdict", operation_id="get_verdict", responses=responses(404, 409, 422))
def get_verdict(run_id: UUID, service: Here) -> RunVerdict:
    """By the same rules as a study's. Empty for a network that the paper doesn't have.

    A run of this service stands alone, and one seed never decides, because it has no spread: a study combines seeds.
    An import counts with its lab's other imports of the same declared protocol.
    """
    with service.database.transaction() as session:
        row = verbs.training(session, run_id)
        if row.task == "detection":  # no route serves the verdicts of paper.detection yet
            return RunVerdict(cells=[], runs=[row.id], seeds=None)
        if row.origin is None:
            return RunVerdict(cells=_cells(session, service, [row]), runs=[row.id], seeds=None)
        rows = imports.lab_seeds(session, service.outcomes, row)
        # A study knows its planned seeds. Of an import's lab nobody does, so no "3 of 3" stands in a cell.
        cells = [cell.model_copy(update={"attrition": None}) for cell in _cells(session, service, rows)]
        return RunVerdict(cells=cells, runs=[seed.id for seed in rows], seeds=imports.sentence(rows))


def _cells(session: Session, service: Service, rows: Sequence[Run]) -> list[StudyCell]:
    label = RunSpec.model_validate(rows[0].spec).name
    outcomes = service.outcomes.read(session, rows)
    members = [judging.member_result(label, row, outcomes[row.id]) for row in rows]
    return list(cells_of_runs(members, _findings(session, service, rows)))


def _findings(session: Session, service: Service, rows: Sequence[Run]) -> list[Finding]:
    """The findings on any of the runs, each once."""
    items = (finding for row in rows for finding in findings.of(session, service.outcomes, row).items)
    return [*{(finding.rule, finding.message): finding for finding in items}.values()]
