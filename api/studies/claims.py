"""How the paper's claims stand in the caller's newest studies."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.http.access import Present
from api.http.schema import Response
from api.service import Here
from paper.claims import ClaimStatus, Status
from paper.recipes import RECIPES
from paper.studies import MemberResult, claim_standings
from paper.studies.claim_seeds import ClaimAttrition
from store import studies
from store.db.models import Study
from store.people import rights
from studies import judging
from studies.examinations import needed_examinations, with_examinations

router = APIRouter(prefix="/api/v1/claims", tags=["studies"])

# Judging a study takes some milliseconds; older studies have their own pages.
NEWEST = 20


class ClaimStanding(Response):
    """One claim in one study."""

    claim: str = Field(description="The claim's id in `GET /api/v1/paper/claims`.")
    status: Status
    is_provisional: bool = Field(description="Whether results may still come, so that the status may still change.")
    bound: Status | None = Field(
        description="The status if the missing seeds had been the worst; null if none is missing."
    )
    seeds: str = Field(description="The seeds of each network, what became of the others, and the bound, in words.")
    departures: list[str] = Field(description="Where the runs depart from the paper's protocol.")
    missing: list[str] = Field(description="The networks that need more runs.")
    study: UUID
    name: str
    dataset: str
    scale: float


class ClaimStandings(Response):
    items: list[ClaimStanding] = Field(description="The newest study first.")


@router.get("", operation_id="list_standings")
def list_standings(service: Here, caller: Present) -> ClaimStandings:
    """How the paper's claims stand in the caller's 20 newest studies, finished or not."""
    with service.database.transaction() as session:
        rows = studies.newest(session, caller.owner, NEWEST, rights.readable(caller, Study.project))
        rows = [row for row in rows if row.recipe in RECIPES]
        members = studies.members_of(session, [row.id for row in rows])
        trained = judging.member_results_by_study(session, service.outcomes, members)
        needed = {row.id: needed_examinations(session, row, members[row.id]) for row in rows}

    def _members_of(row: Study) -> list[MemberResult]:
        return with_examinations(service, members[row.id], trained[row.id], needed[row.id])[0]

    standings = [
        (row, claim_standings(judging.question(row), _members_of(row), judging.deleted_members(members[row.id])))
        for row in rows
    ]
    return ClaimStandings(items=[_standing(row, *standing) for row, own in standings for standing in own])


def _standing(row: Study, status: ClaimStatus, seeds: ClaimAttrition) -> ClaimStanding:
    return ClaimStanding(
        claim=status.id,
        status=status.status,
        is_provisional=seeds.is_provisional,
        bound=seeds.bound,
        seeds=seeds.sentence,
        departures=list(status.departures),
        missing=[missing.net for missing in status.missing],
        study=row.id,
        name=row.name,
        dataset=row.dataset,
        scale=row.scale,
    )
