"""What the caller may not do with rows of some project and owner, for a dashboard that offers only what is allowed."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.http.access import Present
from api.http.problems import responses
from api.http.schema import Response
from api.service import Here
from store.db.text import ShortText
from store.people import projects, rights
from store.people.rights import MOST_PRIORITY, Place, Verb

router = APIRouter(prefix="/api/v1/rights", tags=["access"])

MOST_ROWS = 200


class Rights(Response):
    refusals: dict[Verb, str] = Field(
        description="For each verb that you may not use on every one of these rows, why. All other verbs you may use."
    )
    most_priority: int = Field(description="The highest priority that you may give a run of these projects.")


@router.get("", operation_id="get_rights", responses=responses(401, 422))
def get_rights(
    service: Here,
    caller: Present,
    row: Annotated[
        list[ShortText],
        Query(max_length=MOST_ROWS, description="PROJECT/OWNER, or PROJECT for something new in it."),
    ] = [],  # noqa: B006 (FastAPI copies it)
) -> Rights:
    """What you may do with runs, studies and data sets of these projects and owners; without any, with the service."""
    places = [Place(project, owner or None) for project, _, owner in (name.partition("/") for name in row)]
    with service.database.transaction() as session:
        new = projects.unnamed(session, {place.project for place in places if place.project})
    # The person who names a new project becomes its maintainer.
    caller = replace(caller, roles=caller.roles | {(project, "maintainer") for project in new})
    return Rights(
        refusals=rights.refusals(caller, places),
        most_priority=min(
            (rights.most_priority(caller, caller.role(place.project or "")) for place in places), default=MOST_PRIORITY
        ),
    )
