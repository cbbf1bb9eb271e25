"""What the service is busy with: the queue and the workers."""

from fastapi import APIRouter

from api.service import Here
from api.surroundings import QueueEntry, QueueState, Worker, Workers
from store import listing, queue, workers
from store.listing import Filter
from store.states import Status

router = APIRouter(prefix="/api/v1", tags=["service"])


@router.get("/queue", operation_id="get_queue")
def get_queue(service: Here) -> QueueState:
    with service.database.transaction() as session:
        waiting = [
            QueueEntry(
                run=row.id,
                name=row.name,
                owner=row.owner,
                priority=row.priority,
                queue=row.queue,
                position=place.number,
                created_at=row.created_at,
            )
            for row, place in queue.waiting(session)
        ]
        running = listing.count(session, Filter(status=(Status.running,)))
        alive = workers.alive(session, service.settings.lease_s)
    free = [worker for worker in alive if worker.run_id is None and not worker.draining]
    return QueueState(waiting=waiting, running=running, workers=len(alive), free_workers=len(free))


@router.get("/workers", operation_id="list_workers")
def list_workers(service: Here) -> Workers:
    """The workers that were heard of within one lease."""
    with service.database.transaction() as session:
        alive = workers.alive(session, service.settings.lease_s)
        return Workers(items=[Worker.model_validate(row) for row in alive])
