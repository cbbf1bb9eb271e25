"""`python -m worker control`: rings the bell, re-queues runs whose lease has expired, and cleans up.

One process leads, holding an advisory lock; the others wait to take over. Even two leaders would do no harm,
because every verb locks the rows it changes.
"""

import logging
import signal
import threading
import time

import psycopg
from kombu.exceptions import OperationalError as BrokerError
from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from store import workers
from store.db import collection, failpoints
from store.db.database import QUEUE_CHANGED, Database, Listener
from store.db.errors import StoreError
from store.db.objects import Objects
from store.db.settings import Settings
from store.people import keys
from store.retention import archiving, deletion
from store.runs import attempts, bell
from store.runs.bell import Ring
from worker.app import RING, celery_app
from worker.notices.sender import Sender

# NOTIFY wakes control immediately; the tick handles what only time brings: leases, back-offs, bells to ring again.
# While no run waits or trains, time brings nothing.
TICK_S, IDLE_TICK_S = 1.0, 5.0
CLEAN_UP_S = 300.0
COLLECT_S = 3600.0

log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Leads or waits until SIGTERM or Ctrl-C. Returns the exit code."""
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leaving.set())
    database = Database(settings.database_url, pool_size=1)
    control = Control(settings, database)
    control.connect()
    sender = threading.Thread(target=control.send_notices, args=(leaving,), name="sender", daemon=True)
    while not leaving.is_set():
        try:
            with Listener(settings.database_url, QUEUE_CHANGED) as listener:
                while not leaving.is_set():
                    wait_s = TICK_S
                    if listener.lock(workers.LEADER_LOCK):
                        wait_s = control.tick()
                        if sender.ident is None:  # not started yet; it ends with `leaving`, perhaps during a tick
                            sender.start()
                    listener.wait(wait_s)
        except (psycopg.OperationalError, DBAPIError) as error:
            log.warning("can't reach the database: %s", getattr(error, "orig", error))
            control.warm_up()
            leaving.wait(TICK_S)
    if sender.is_alive():
        sender.join()
    database.close()
    return 0


class Control:
    """The leader's work."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._app = celery_app(settings.broker_url)
        self._answered_at = self._cleaned_at = self._collected_at = -float("inf")
        self._reaps_from = float("inf")

    def send_notices(self, ended: threading.Event) -> None:
        """Sends what the outbox holds, until the end. Two leaders would take different deliveries."""
        Sender(self._settings).run(ended)

    def warm_up(self) -> None:
        """Gives the workers one lease to report: they may have been unable to reach the database as well."""
        self._reaps_from = time.monotonic() + self._settings.lease_s

    def tick(self) -> float:
        """One round of the leader's work. Returns when the next is due, in seconds. Raises DBAPIError if the database
        can't be reached."""
        # One transaction: now() is fixed by its first statement, so a database that freezes in the middle expires
        # no lease.
        with self._database.transaction() as session:
            is_idle = bell.is_idle(session)
            rings = [] if is_idle else bell.mark(session, self._settings.lease_s)
            self._note_answer()
            if not is_idle and time.monotonic() >= self._reaps_from:
                self._reap(session)
        if time.monotonic() > self._cleaned_at + CLEAN_UP_S:
            self._clean_up()
        if time.monotonic() > self._collected_at + COLLECT_S and self._settings.storage_url:
            self._collected_at = time.monotonic()
            # In a thread, so that bells go on: listing a bucket takes minutes.
            threading.Thread(target=self._collect, name="collector", daemon=True).start()
        self._publish(rings)
        self._answered_at = time.monotonic()  # waiting for the broker is not a database outage
        # An answer that came later than half a lease would be taken for an outage's end.
        return min(IDLE_TICK_S, self._settings.lease_s / 4) if is_idle else TICK_S

    def _note_answer(self) -> None:
        now = time.monotonic()
        # We have just started, were stopped, or the database hung. The workers' leases must not expire for that.
        if now - self._answered_at > self._settings.lease_s / 2:
            self.warm_up()
        self._answered_at = now

    def _reap(self, session: Session) -> None:
        for run_id in attempts.reap(session, self._settings.max_attempts):
            log.warning("run %s: no heartbeat from its worker for one lease", run_id)

    def _clean_up(self) -> None:
        with self._database.transaction() as session:
            workers.forget(session, self._settings.lease_s)
            keys.forget_sessions(session)
        self._cleaned_at = time.monotonic()

    def _collect(self) -> None:
        database = Database(self._settings.database_url, pool_size=1)
        try:
            objects = Objects(self._settings.storage_url)
            collected = collection.collect(database, objects)
            deletion.apply(database, objects)
            archiving.apply(database)
        except (ObjectStoreError, StoreError, OSError, DBAPIError) as error:
            log.warning("could not compare the objects with the rows, or apply the retention rules: %s", error)
        else:
            if collected.removed or collected.missing:
                log.warning("objects removed: %d, missing: %s", len(collected.removed), collected.missing or "none")
        finally:
            database.close()

    def connect(self) -> None:
        """Connects to the broker before the first bell, which would otherwise come 0.3 s late."""
        try:
            with self._app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1)
        except (BrokerError, OSError) as error:
            log.warning("can't reach the broker: %s", error)

    def _publish(self, rings: list[Ring]) -> None:
        """Sends the bells, after the commit. A bell that the broker doesn't accept is rung again later."""
        try:
            for run_id, queue in rings:
                failpoints.reach("control.marked")
                self._app.send_task(RING, [str(run_id)], queue=queue)
                failpoints.reach("control.published")
        except (BrokerError, OSError) as error:
            log.warning("can't send messages to the broker: %s", error)
