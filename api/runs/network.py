"""A run's network, layer by layer, as long as its data set exists."""

from uuid import UUID

from fastapi import APIRouter

from api.http.problems import responses
from api.service import Here
from store import datasets
from store.runs import verbs
from trainer import tasks
from trainer.detection.plan import DetectionPlan
from trainer.plan import NetworkPlan

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


@router.get("/{run_id}/network", operation_id="get_network", responses=responses(404, 422))
def get_network(run_id: UUID, service: Here) -> NetworkPlan | DetectionPlan:
    """The network's stages as in Table 1: blocks, shortcuts, parameters, multiply-adds and memory."""
    with service.database.transaction() as session:
        spec = tasks.of(verbs.get(session, run_id).spec)
        return tasks.plan(spec, datasets.classes(session, spec))
