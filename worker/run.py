"""`python -m worker run`: one device's worker, in this process: Celery's until SIGTERM drains it, or a batch job's."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from celery import signals
from sqlalchemy.exc import DBAPIError

from store.db import failpoints
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.objects import Objects
from store.db.settings import Settings
from trainer.box.walls import describe
from worker import batch, device
from worker.app import RING, celery_app
from worker.batch import Batch
from worker.claiming import serve
from worker.machines.address import own_address
from worker.presence import Presence
from worker.workbench import TRAINER, Workbench
from worker.workdir import sweep

# A drain that gets stuck (without a database, say) is cut off; the run returns to the queue when its lease expires.
DRAIN_S = 28.0
# A restart of the object store costs only a pause. (Over 5 minutes, a request's signature would expire.)
OBJECTS_PATIENCE_S = 240

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """The options of the command line: of a worker of its own, or of one of the `slots` that share a device.

    At `until`, what trains goes back to the queue and the worker ends.
    """

    name: str
    device: str = "auto"
    threads: int | None = None
    slot: int = 1
    slots: int = 1
    until: datetime | None = None
    batch: Batch | None = None
    trainer: tuple[str, ...] = TRAINER


def run(settings: Settings, options: WorkerOptions) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit code. Raises LookupError if there is no such device, or it
    can't be shared.
    """
    own_device = device.find(options.device)
    workbench = Workbench(
        settings=settings,
        database=Database(settings.database_url, pool_size=3),
        objects=Objects(settings.storage_url, patience_s=OBJECTS_PATIENCE_S),
        device=own_device,
        worker_id=new_id(),
        worker_name=options.name if options.slots == 1 else f"{options.name}-{options.slot}",
        address=own_address(settings),
        trainer=options.trainer,
        slot=device.slot(own_device, options.slot, options.slots),
        threads=options.threads,
    )
    # Until what works installs its own handler: leave through Presence, which deletes our row.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Presence(workbench, version("reslab")) as presence:
        if own_device.queue == "gpu":  # one that is there may still not open
            workbench.fitness.examine()
        _sweep(workbench)
        log.info("a trainer's box here: %s", describe() if settings.box else "none (RESLAB_BOX=false)")
        if options.until:
            _stop_at(options.until)
        if options.batch:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: _drain(workbench))
            workbench.check.begin()
            return batch.work(workbench, presence, options.batch)
        worker = _celery_worker(workbench, presence)
        log.info(
            "worker %s takes runs from the queue %s and trains on %s",
            workbench.worker_name,
            workbench.device.queue,
            workbench.device.name,
        )
        workbench.check.begin()
        worker.start()
    workbench.database.close()
    return 0 if workbench.draining.is_set() else int(worker.exitcode or 0)  # Celery calls a Ctrl-C a failure


def _sweep(workbench: Workbench) -> None:
    try:
        sweep(workbench)
    except DBAPIError as error:
        log.warning("the folders of earlier runs stay for now: %s", error.orig)


def _celery_worker(workbench: Workbench, presence: Presence) -> Any:  # celery-types does not know the program's class
    app = celery_app(workbench.settings.broker_url)

    @app.task(name=RING)
    def ring(run_id: str) -> None:
        """A doorbell. The run id is for the log only: the run that is first in the queue by now is claimed."""
        log.debug("heard the bell for run %s", run_id)
        failpoints.reach("worker.heard")
        serve(workbench, presence)

    signals.worker_shutting_down.connect(lambda **_: _drain(workbench), weak=False)
    # With a receiver of ours, Celery leaves the logging configuration alone.
    signals.setup_logging.connect(lambda **_: None, weak=False)
    return app.Worker(
        hostname=f"{workbench.worker_name}@{socket.gethostname()}",
        queues=[workbench.device.queue],
        pool="threads",
        concurrency=1,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel="WARNING",
        quiet=True,
    )


def _drain(workbench: Workbench) -> None:
    workbench.draining.set()
    _later(DRAIN_S, os._exit, 1)


def _stop_at(until: datetime) -> None:
    """Ends this process then as an operator's stop does."""
    _later(max((until - datetime.now(UTC)).total_seconds(), 0), os.kill, os.getpid(), signal.SIGTERM)


def _later(wait_s: float, act: Callable[..., object], *arguments: object) -> None:
    timer = threading.Timer(wait_s, act, arguments)
    timer.daemon = True
    timer.start()
