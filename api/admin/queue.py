"""The queue and the workers over HTTP, and draining a worker."""

from uuid import UUID

import structlog
from fastapi import APIRouter

from api.admin.schema import QueueEntry, QueueState, Worker, WorkerRecord, Workers
from api.http.access import Present
from api.http.problems import responses
from api.runs import views, waiting
from api.service import Here
from store import workers
from store.db import models
from store.people import rights
from store.runs import forecast, listing, queue
from store.runs.listing import Filter
from store.runs.states import Status

router = APIRouter(prefix="/api/v1", tags=["service"])
log = structlog.get_logger()


@router.get("/queue", operation_id="get_queue")
def get_queue(service: Here, caller: Present) -> QueueState:
    """The first thousand waiting runs, in the order in which workers would claim them now; of these, what you may see.

    The positions count everybody's.
    """
    lease_s = service.settings.lease_s
    with service.database.transaction() as session:
        rows = [row for row in queue.ahead(session, queue.MOST_POSITIONS) if rights.may(caller, "read", row)]
        positions = queue.positions(session, rows) if rows else {}
        reasons = waiting.reasons(session, rows, positions, lease_s)
        starts_s = forecast.starts(session, lease_s) if rows else {}
        running = listing.count(session, Filter(status=(Status.running,)))
        alive, fit = workers.alive(session, lease_s), workers.fit(session, lease_s)
    entries = [
        QueueEntry(
            run=row.id,
            name=row.name,
            examines=views.examined_run(row),
            owner=row.owner,
            project=row.project,
            dataset=row.spec["dataset"],
            seed=row.spec["seed"],
            priority=row.priority,
            queue=row.queue,
            machines=row.machines,
            position=positions[row.id].number if row.id in positions else None,
            waits_for=reasons[row.id],
            starts_in_s=starts_s.get(row.id),
            created_at=row.created_at,
        )
        for row in rows
    ]
    free = [worker for worker in fit if worker.run_id is None]
    return QueueState(waiting=entries, running=running, workers=len(alive), free_workers=len(free))


@router.get("/workers", operation_id="list_workers")
def list_workers(service: Here) -> Workers:
    """The workers that have not stopped properly. One that is not alive was cut off or killed; it is removed later."""
    with service.database.transaction() as session:
        rows = workers.list_all(session, service.settings.lease_s)
    return Workers(items=[_worker(row, alive=alive) for row, alive in rows])


@router.post("/workers/{worker_id}/drain", operation_id="drain_worker", responses=responses(404, 422))
def drain_worker(worker_id: UUID, service: Here, caller: Present) -> Worker:
    """Like SIGTERM: at its next heartbeat the worker saves a checkpoint, returns its run and stops. Safe to repeat."""
    with service.database.transaction() as session:
        row = workers.drain(session, worker_id)
        rows = workers.list_all(session, service.settings.lease_s)
    log.info("draining a worker", worker=row.name, actor=caller.owner)
    return _worker(row, alive=any(other.id == row.id and alive for other, alive in rows))


def _worker(row: models.Worker, *, alive: bool) -> Worker:
    return Worker(**dict(WorkerRecord.model_validate(row)), alive=alive)
