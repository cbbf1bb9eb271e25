"""`python -m worker run`: one Celery worker for one device, in this process, until SIGTERM drains it."""

import logging
import os
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from celery import signals
from sqlalchemy.exc import DBAPIError

from store.db import failpoints
from store.db.database import Database
from store.db.identifiers import new_id
from store.db.objects import Objects
from store.db.settings import Settings
from store.runs import attempts
from store.runs.attempts import Claim
from worker import device
from worker.app import RING, celery_app
from worker.presence import Presence
from worker.supervise import supervise
from worker.workbench import TRAINER, Workbench

# A drain that gets stuck (without a database, say) is cut off; the run returns to the queue when its lease expires.
DRAIN_S = 28.0
# A restart of the object store costs only a pause. (Over 5 minutes, a request's signature would expire.)
OBJECTS_PATIENCE_S = 240

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """The options of the command line."""

    name: str
    device: str = "auto"
    threads: int | None = None
    trainer: tuple[str, ...] = TRAINER


def run(settings: Settings, options: WorkerOptions) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit code. Raises LookupError if there is no such device."""
    own_device = device.find(options.device)
    workbench = Workbench(
        settings=settings,
        database=Database(settings.database_url, pool_size=3),
        objects=Objects(settings.storage_url, patience_s=OBJECTS_PATIENCE_S),
        device=own_device,
        worker_id=new_id(),
        worker_name=options.name,
        trainer=options.trainer,
        threads=options.threads,
    )
    # Until Celery installs its own handler: leave through Presence, which deletes our row.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Presence(workbench, version("reslab")) as presence:
        if own_device.queue == "gpu":  # one that is there may still not open
            workbench.fitness.examine()
        worker = _celery_worker(workbench, presence)
        log.info(
            "worker %s takes runs from the queue %s and trains on %s",
            workbench.worker_name,
            workbench.device.queue,
            workbench.device.name,
        )
        worker.start()
    workbench.database.close()
    return 0 if workbench.draining.is_set() else int(worker.exitcode or 0)  # Celery calls a Ctrl-C a failure


def _celery_worker(workbench: Workbench, presence: Presence) -> Any:  # celery-types does not know the program's class
    app = celery_app(workbench.settings.broker_url)

    @app.task(name=RING)
    def ring(run_id: str) -> None:
        """A doorbell. The run id is for the log only: the run that is first in the queue by now is claimed."""
        log.debug("heard the bell for run %s", run_id)
        failpoints.reach("worker.heard")
        serve(workbench, presence)

    @signals.worker_shutting_down.connect(weak=False)
    def drain(**_: object) -> None:
        workbench.draining.set()
        cut_off = threading.Timer(DRAIN_S, os._exit, [1])
        cut_off.daemon = True
        cut_off.start()

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


def serve(workbench: Workbench, presence: Presence) -> None:
    """Trains run after run until none waits, so that a device is never idle while there is work.

    Holds the worker's only slot while its machine is unfit, so that the bells of other runs reach other workers.
    """
    while not workbench.draining.is_set():
        if not workbench.fitness.look():
            rest(workbench, presence)
        elif claim := _claim(workbench, presence):
            log.info("attempt %d of run %s", claim.attempt, claim.run.id)
            supervise(workbench, claim)
        else:
            return


def rest(workbench: Workbench, presence: Presence) -> None:
    """Takes no runs until this machine can train, and shows why."""
    log.warning("takes no runs: %s", workbench.fitness.trouble)
    presence.wake()
    workbench.fitness.rest(workbench.draining)
    if not workbench.fitness.trouble:
        log.info("this machine can train again")
    presence.wake()


def _claim(workbench: Workbench, presence: Presence) -> Claim | None:
    try:
        with workbench.database.transaction() as session:
            claim = attempts.claim(session, presence.row(), workbench.settings.lease_s)
    except DBAPIError as error:
        # The bell rings again. If only the answer to our claim was lost, its lease will expire.
        log.warning("could not claim a run: %s", error.orig)
        return None
    failpoints.reach("worker.claimed")
    return claim
