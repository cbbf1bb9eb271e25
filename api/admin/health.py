"""Health, readiness and metrics, for load balancers, supervisors and Prometheus."""

from collections.abc import Iterator

import structlog
from fastapi import APIRouter, Response
from obstore.exceptions import BaseError as ObjectStoreError
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import true
from sqlalchemy.exc import SQLAlchemyError

from api.admin.schema import Health, Readiness
from api.http.access import Present
from api.service import Here, Service
from store import workers
from store.db import space
from store.quotas import usage
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
    responses={
        503: {"model": Readiness, "description": "The database or the object store doesn't answer, or a disk is full."}
    },
)
def get_readiness(response: Response, service: Here) -> Readiness:
    """Whether a run could be accepted now: the database has its tables, the object store answers, disks have space."""
    shortage = _shortage(service)
    ready = Readiness(
        database=_has_tables(service), objects=_has_objects(service), disk=shortage is None, shortage=shortage
    )
    if not (ready.database and ready.objects and ready.disk):
        response.status_code = 503
    return ready


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(service: Here, caller: Present) -> Response:
    """Metrics in the Prometheus text format. Needs a key with the scope `read`; what people use needs an
    administrator's.
    """
    registry = CollectorRegistry()
    registry.register(_State(service))
    if caller.is_administrator:
        registry.register(_Usage(service))
    text = generate_latest(registry) + generate_latest(service.requests.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _State(Collector):
    """Reads the tables at each request, so that several API processes report the same numbers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily("reslab_runs", "Runs by status.", labels=["status"])
        alive = GaugeMetricFamily("reslab_workers_alive", "Workers seen within one lease.", labels=["queue"])
        unfit = GaugeMetricFamily("reslab_workers_unfit", "Live workers whose machine can't train.", labels=["queue"])
        with self._service.database.transaction() as session:
            for status in Status:
                runs.add_metric([status], listing.count(session, Filter(status=(status,))))
            live = workers.alive(session, self._service.settings.lease_s)
            has_leader = workers.has_leader(session)
        for queue in Queue:
            of_queue = [worker for worker in live if worker.queue == queue]
            alive.add_metric([queue], len(of_queue))
            unfit.add_metric([queue], sum(worker.trouble is not None for worker in of_queue))
        yield runs
        yield alive
        yield unfit
        yield GaugeMetricFamily("reslab_control_leading", "1 if a control process leads, otherwise 0.", int(has_leader))


class _Usage(Collector):
    """What each person used of the devices in each project this month."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        spent = CounterMetricFamily(
            "reslab_device_seconds", "Device time of attempts that have ended, by month.",
            labels=["month", "person", "project"],
        )  # fmt: skip
        with self._service.database.transaction() as session:
            rows = usage.months(session, true())
        for row in rows:
            spent.add_metric([f"{row.month:%Y-%m}", row.person, row.project], row.device_hours * 3600)
        yield spent


def _has_tables(service: Service) -> bool:
    try:
        with service.database.transaction() as session:
            listing.find(session, Filter(), listing.Order(), limit=1)
    except SQLAlchemyError as error:
        log.warning("not ready: the database doesn't answer", error=type(error).__name__)
        return False
    return True


def _shortage(service: Service) -> str | None:
    folder = service.objects.aside
    lack = space.shortage(folder, service.settings.free_disk_bytes)
    if lack is None:
        return None
    log.warning("not ready: the disk is full", shortage=lack)
    # Everyone may ask: where the folder is is for the log only.
    return lack.replace(str(folder), "the service")


def _has_objects(service: Service) -> bool:
    try:
        service.objects.check()
    except (ObjectStoreError, OSError) as error:
        log.warning("not ready: the object store doesn't answer", error=type(error).__name__)
        return False
    return True
