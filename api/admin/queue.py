"""What the service is busy with: the queue and the workers, and a worker's leave."""

from uuid import UUID

import structlog
from fastapi import APIRouter

from api.admin.schema import QueueEntry, QueueState, Worker, Workers
from api.http.access import Present
from api.http.problems import responses
from api.runs import views, waiting
from api.service import Here
from store import workers
from store.db import models
from store.runs import forecast, listing, queue
from store.runs.listing import Filter
from store.runs.states import Status

router = APIRouter(prefix="/api/v1", tags=["service"])
log = structlog.get_logger()


@router.get("/queue", operation_id="get_queue")
def get_queue(service: Here) -> QueueState:
    """The first thousand that wait, in the order in which they would be claimed now."""
    lease_s = service.settings.lease_s
    with service.database.transaction() as session:
        rows = queue.ahead(session, queue.MOST_POSITIONS)
        places = queue.positions(session, rows) if rows else {}
        reasons = waiting.reasons(session, rows, places, lease_s)
        starts_s = forecast.starts(session, lease_s) if rows else {}
        running = listing.count(session, Filter(status=(Status.running,)))
        alive = workers.alive(session, lease_s)
    entries = [
        QueueEntry(
            run=row.id,
            name=row.name,
            examines=views.examined_run(row),
            owner=row.owner,
            dataset=row.spec["dataset"],
            seed=row.spec["seed"],
            priority=row.priority,
            queue=row.queue,
            position=places[row.id].number if row.id in places else None,
            waits_for=reasons[row.id],
            starts_in_s=starts_s.get(row.id),
            created_at=row.created_at,
        )
        for row in rows
    ]
    free = [worker for worker in alive if worker.run_id is None and not worker.draining]
    return QueueState(waiting=entries, running=running, workers=len(alive), free_workers=len(free))


@router.get("/workers", operation_id="list_workers")
def list_workers(service: Here) -> Workers:
    """Those that have not left in order: one that is not alive was cut off or killed, and is forgotten later."""
    with service.database.transaction() as session:
        rows = workers.list_all(session, service.settings.lease_s)
    return Workers(items=[_worker(row, alive=alive) for row, alive in rows])


@router.post("/workers/{worker_id}/drain", operation_id="drain_worker", responses=responses(404, 422))
def drain_worker(worker_id: UUID, service: Here, caller: Present) -> Worker:
    """As SIGTERM: with its next heartbeat it saves a checkpoint, gives its run back and exits. Again is harmless."""
    with service.database.transaction() as session:
        row = workers.drain(session, worker_id)
        rows = workers.list_all(session, service.settings.lease_s)
    log.info("drain", worker=row.name, actor=caller.owner)
    return _worker(row, alive=any(other.id == row.id and alive for other, alive in rows))


def _worker(row: models.Worker, *, alive: bool) -> Worker:
    same = {name: getattr(row, name) for name in Worker.model_fields if name != "alive"}
    return Worker(**same, alive=alive)
