"""The worker's own row: inserted at the start, updated with every heartbeat, deleted at the end."""

import logging
import os
import signal
import socket
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from store import workers
from store.db.models import Worker
from worker.workbench import Workbench

log = logging.getLogger(__name__)

# The pause before the next try if the database can't be reached.
_RETRY_S = 1.0


class Presence:
    """A thread that lives as long as the process. `Heart` keeps the lease of a single run."""

    def __init__(self, workbench: Workbench, version: str) -> None:
        self._workbench, self._version = workbench, version
        self._ended, self._woken = threading.Event(), threading.Event()
        self._drain_requested = False
        self._thread = threading.Thread(target=self._show_until_ended, name="presence", daemon=True)

    def wake(self) -> None:
        """Sends the next heartbeat now: there is something new to show."""
        self._woken.set()

    def row(self) -> Worker:
        workbench, slot = self._workbench, self._workbench.slot
        return Worker(
            id=workbench.worker_id,
            name=workbench.worker_name,
            host=socket.gethostname(),
            pid=os.getpid(),
            address=workbench.address,
            queue=workbench.device.queue,
            device=workbench.device.name,
            devices=workbench.device.count,
            memory_bytes=workbench.settings.device_memory_bytes or workbench.device.memory_bytes,
            slot=slot.number if slot else 1,
            slots=slot.count if slot else 1,
            shared_device=slot.device if slot else None,
            version=self._version,
            draining=workbench.draining.is_set(),
            trouble=workbench.fitness.trouble,
            machine_check=workbench.check.report.model_dump(mode="json") if workbench.check.report else None,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self.wake()
        self._thread.join()
        try:
            with self._workbench.database.transaction() as session:
                workers.leave(session, self._workbench.worker_id)
        except DBAPIError as unanswered:
            log.warning("could not delete this worker's row: %s", unanswered.orig)

    def _show_until_ended(self) -> None:
        wait_s = 0.0
        while True:
            self._woken.wait(wait_s)
            self._woken.clear()
            if self._ended.is_set():
                return
            self._workbench.fitness.look()
            try:
                self._show()
                wait_s = self._workbench.settings.heartbeat_s
            except DBAPIError as error:
                log.warning("can't reach the database: %s", error.orig)
                wait_s = _RETRY_S

    def _show(self) -> None:
        with self._workbench.database.transaction() as session:
            draining = self._workbench.draining.is_set()
            trouble = self._workbench.fitness.trouble
            drain_request = workers.beat(session, self._workbench.worker_id, draining=draining, trouble=trouble)
            # There is no row yet, or this worker was away so long that control deleted it.
            if drain_request is None:
                workers.register(session, self.row())
        if drain_request and not (draining or self._drain_requested):
            log.info("a drain was requested through the API")
            self._drain_requested = True
            os.kill(os.getpid(), signal.SIGTERM)  # the same path as an operator's stop
