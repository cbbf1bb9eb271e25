"""The plan of a run over HTTP: what a spec asks for, before anything is queued."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from api.http.access import Present
from api.http.problems import responses
from api.runs import views
from api.runs.schema import DetectionRunPlan, RunCreate, RunPlan
from api.service import Here, Service
from paper import lint
from store import datasets
from store.db.errors import Refused
from store.db.models import Dataset
from store.people import rights
from store.people.rights import Caller
from store.runs import speed
from store.runs.speed import Speed
from trainer.detection.spec import DetectionSpec
from trainer.tasks import plan

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


@router.post("/plan", operation_id="plan_run", responses=responses(422))
def plan_run(body: RunCreate, service: Here, caller: Present) -> RunPlan | DetectionRunPlan:
    """Parameters, multiply-adds, memory, predicted time and findings. Queues nothing."""
    return planned(service, body, caller)


def planned(service: Service, body: RunCreate, caller: Caller) -> RunPlan | DetectionRunPlan:
    spec = body.spec
    with service.database.transaction() as session:
        network = plan(spec, classes(session, body, caller))
        measured = speed.expected(session, spec, network.multiply_adds, body.queue)
    images = spec.iterations * spec.batch_size
    form = DetectionRunPlan if isinstance(spec, DetectionSpec) else RunPlan
    return form(
        **network.model_dump(),
        spec=spec,
        spec_hash=spec.hash(),
        predicted_s=images / measured.images_per_s if measured else None,
        predicted_from=_basis(measured),
        planned_drops=views.drops(spec),
        findings=lint.findings(spec),
    )


def classes(session: Session, body: RunCreate, caller: Caller) -> int:
    """The number of classes in the data set. Raises Refused, naming `spec.dataset`, for one that the caller may not
    see."""
    try:
        return datasets.classes(session, body.spec, rights.readable(caller, Dataset.project))
    except Refused as refusal:
        raise Refused(f"spec.{refusal.field}", str(refusal)) from refusal


def _basis(measured: Speed | None) -> str:
    if measured is None:
        return "nothing has been trained on this kind of device yet, so there is no measured speed"
    count = "1 recent run" if measured.runs == 1 else f"{measured.runs} recent runs"
    if measured.is_same_network:
        return f"{count} of this network on {measured.device}"
    return f"{count} of other networks on {measured.device}, scaled by multiply-adds"
