"""The paper's claims by one's own studies: how each stands in each of the newest."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.http.access import Present
from api.http.schema import Response
from api.service import Here
from paper.claims import ClaimStatus, Status
from paper.studies import Trained, claims
from store import studies
from store.db.models import Study
from studies import examining as examined
from studies import judging

router = APIRouter(prefix="/api/v1/claims", tags=["studies"])

# Judging one takes some milliseconds; older ones are on their own pages.
NEWEST = 20


class Standing(Response):
    """One claim by one study."""

    claim: str = Field(description="Its id, as `GET /api/v1/paper/claims` lists it.")
    status: Status
    missing: list[str] = Field(description="Networks of which it needs more runs.")
    study: UUID
    name: str
    dataset: str
    scale: float


class Standings(Response):
    items: list[Standing] = Field(description="The newest study first.")


@router.get("", operation_id="list_standings")
def list_standings(service: Here, caller: Present) -> Standings:
    """How the paper's claims stand in the caller's newest studies, at most twenty, whether they train or have ended."""
    with service.database.transaction() as session:
        rows = studies.newest(session, caller.owner, NEWEST)
        members = studies.members_of(session, [row.id for row in rows])
        trained = judging.each_trained(session, service.outcomes, members)
        standing = {row.id: examined.standings(session, row, members[row.id]) for row in rows}

    def _examined(study: UUID) -> list[Trained]:
        return examined.applied(service, members[study], trained[study], standing[study])[0]

    return Standings(
        items=[_standing(row, status) for row in rows for status in claims(judging.question(row), _examined(row.id))]
    )


def _standing(row: Study, status: ClaimStatus) -> Standing:
    return Standing(
        claim=status.id,
        status=status.status,
        missing=[missing.net for missing in status.missing],
        study=row.id,
        name=row.name,
        dataset=row.dataset,
        scale=row.scale,
    )
