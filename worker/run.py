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

# A drain that gets stuck (the database is away, say) is cut off: the lease gives the run back.
DRAIN_S = 28.0
# A restart of the object store costs a pause. (More than 5 minutes would outlive a request's signature.)
OBJECTS_PATIENCE_S = 240

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    name: str
    device: str = "auto"
    threads: int | None = None
    trainer: tuple[str, ...] = TRAINER


def run(settings: Settings, wish: Wish) -> int:
    """Serves until SIGTERM or Ctrl-C. Returns the exit code. Raises LookupError where there is no such device."""
    lent = device.find(wish.device)
    workbench = Workbench(
        settings=settings,
        database=Database(settings.database_url, pool_size=3),
        objects=Objects(settings.storage_url, patience_s=OBJECTS_PATIENCE_S),
        device=lent,
        worker_id=new_id(),
        worker_name=wish.name,
        trainer=wish.trainer,
        threads=wish.threads,
    )
    # Until Celery puts its own in place: leave by the way that takes our row away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Presence(workbench, version("reslab")) as presence:
        worker = _celery_worker(workbench, presence)
        log.info(
            "worker %s takes runs of queue %s on %s",
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
        """A doorbell. Which run it was for decides nothing: whatever is first by now is claimed."""
        log.debug("heard the bell for run %s", run_id)
        failpoints.reach("worker.heard")
        serve(workbench, presence)

    @signals.worker_shutting_down.connect(weak=False)
    def drain(**_: object) -> None:
        workbench.draining.set()
        cut_off = threading.Timer(DRAIN_S, os._exit, [1])
        cut_off.daemon = True
        cut_off.start()

    # A receiver of ours keeps Celery's hands off the log.
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
    """Takes run after run until nothing waits: a free device never waits for a bell while there is work."""
    while not workbench.draining.is_set() and (claimed := _claim(workbench, presence)):
        log.info("attempt %d of run %s", claimed.attempt, claimed.run.id)
        supervise(workbench, claimed)


def _claim(workbench: Workbench, presence: Presence) -> Claim | None:
    try:
        with workbench.database.transaction() as session:
            claimed = attempts.claim(session, presence.row(), workbench.settings.lease_s)
    except DBAPIError as error:
        # The bell rings again; and a claim whose answer was lost runs into its lease.
        log.warning("nothing could be claimed: %s", error.orig)
        return None
    failpoints.reach("worker.claimed")
    return claimed
