"""The network of a run, layer by layer: what the plan said, for as long as its data set is kept."""

from uuid import UUID

from fastapi import APIRouter

from api.http.problems import responses
from api.service import Here
from store import datasets
from store.runs import verbs
from trainer.plan import NetworkPlan, plan
from trainer.spec import RunSpec

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


@router.get("/{run_id}/network", operation_id="get_network", responses=responses(404, 422))
def get_network(run_id: UUID, service: Here) -> NetworkPlan:
    """Its stages as in Table 1, with blocks, shortcuts, parameters and multiply-adds, and the memory that it needs."""
    with service.database.transaction() as session:
        spec = RunSpec.model_validate(verbs.get(session, run_id).spec)
        return plan(spec, datasets.classes(session, spec))
