"""Pools over HTTP: several labs' results on one network and protocol as one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.http import rights
from api.http.access import Present
from api.http.problems import responses
from api.http.schema import Request
from api.service import Here
from store.db.errors import Refused
from store.db.models import Artifact, Run
from store.db.text import ShortText
from store.runs import verbs
from studies.pooling import Pool, PoolEntry, of_run, pool
from studies.pooling.agreement import NotPoolable

router = APIRouter(prefix="/api/v1/pools", tags=["studies"])

MOST_POOLED = 1_000


class PoolCreate(Request):
    """What to pool: imports, whose labs were declared; runs of this service, which are one lab; and other results."""

    runs: Annotated[list[UUID], Field(max_length=MOST_POOLED)] = Field(default=[])
    results: Annotated[list[PoolEntry], Field(max_length=MOST_POOLED)] = Field(
        default=[], description="Results that you have read elsewhere, as `reslab pool` reads certificates."
    )
    network: ShortText | None = Field(
        default=None, description="Only runs of this network and data set, such as `ResNet-20 A on cifar10`."
    )


@router.post("", operation_id="pool_runs", responses=responses(404, 409, 422))
def pool_runs(body: PoolCreate, service: Here, caller: Present) -> Pool:
    """The random-effects mean of several labs and how much they differ. Stores nothing.

    Refuses runs that differ in network, protocol or data, or of which nobody said it. A run that comes twice, by its
    weights, its file, or its lab and seed, counts once.
    """
    with service.database.transaction() as session:
        rights.check_runs(session, caller, body.runs)
        rows = [verbs.training(session, run_id) for run_id in dict.fromkeys(body.runs)]
        outcomes = service.outcomes.read(session, rows)
        weights = _weights(session, rows)
    try:
        own = [of_run(row, outcomes[row.id], weights.get(row.id)) for row in rows]
        return pool([*body.results, *own], body.network)
    except NotPoolable as error:
        raise Refused("runs", str(error)) from error


def _weights(session: Session, rows: list[Run]) -> dict[UUID, str]:
    """The SHA-256 of each run's last weights, by run."""
    files = select(Artifact.run_id, Artifact.sha256).where(
        Artifact.run_id.in_([row.id for row in rows]), Artifact.role == "weights", Artifact.format == "safetensors"
    )
    return dict(iter(session.execute(files.order_by(Artifact.iteration))))
