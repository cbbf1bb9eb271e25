"""Health, readiness and metrics, for load balancers, supervisors and Prometheus."""

from collections.abc import Iterator

import structlog
from fastapi import APIRouter, Response
from obstore.exceptions import BaseError as ObjectStoreError
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError

from api.admin.schema import Health, Readiness
from api.service import Here, Service
from store import workers
from store.runs import listing
from store.runs.listing import Filter
from store.runs.states import Queue, Status

router = APIRouter(tags=["service"])
log = structlog.get_logger()


@router.get("/healthz", operation_id="get_health")
def get_health() -> Health:
    """Succeeds while the process answers requests."""
    return Health()


@router.get(
    "/readyz",
    operation_id="get_readiness",
    responses={503: {"model": Readiness, "description": "The database or the object store doesn't answer."}},
)
def get_readiness(response: Response, service: Here) -> Readiness:
    """Whether a run could be accepted now: the database has its tables and the object store answers."""
    ready = Readiness(database=_has_tables(service), objects=_has_objects(service))
    if not (ready.database and ready.objects):
        response.status_code = 503
    return ready


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(service: Here) -> Response:
    """Metrics in the Prometheus text format. Needs a key with the scope `read`."""
    registry = CollectorRegistry()
    registry.register(_State(service))
    text = generate_latest(registry) + generate_latest(service.requests.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _State(Collector):
    """Reads the tables at each request, so that several API processes report the same numbers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily("reslab_runs", "Runs by status.", labels=["status"])
        alive = GaugeMetricFamily("reslab_workers_alive", "Workers seen within one lease.", labels=["queue"])
        with self._service.database.transaction() as session:
            for status in Status:
                runs.add_metric([status], listing.count(session, Filter(status=(status,))))
            queues = [worker.queue for worker in workers.alive(session, self._service.settings.lease_s)]
        for queue in Queue:
            alive.add_metric([queue], queues.count(queue))
        yield runs
        yield alive


def _has_tables(service: Service) -> bool:
    try:
        with service.database.transaction() as session:
            listing.find(session, Filter(), listing.Order(), limit=1)
    except SQLAlchemyError as error:
        log.warning("not ready: the database doesn't answer", error=type(error).__name__)
        return False
    return True


def _has_objects(service: Service) -> bool:
    try:
        service.objects.check()
    except (ObjectStoreError, OSError) as error:
        log.warning("not ready: the object store doesn't answer", error=type(error).__name__)
        return False
    return True
