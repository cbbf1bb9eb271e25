"""The worker's own row: registered at the start, seen with every heartbeat, gone at the end."""

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

# How soon to try again where the database did not answer.
_TRY_AGAIN_S = 1.0


class Presence:
    """A thread that lives as long as the process. Whether a run is ours is `Heart`'s business."""

    def __init__(self, workbench: Workbench, version: str) -> None:
        self._workbench, self._version = workbench, version
        self._ended = threading.Event()
        self._asked_to_drain = False
        self._thread = threading.Thread(target=self._show_until_ended, name="presence", daemon=True)

    def row(self) -> Worker:
        workbench = self._workbench
        return Worker(
            id=workbench.worker_id,
            name=workbench.worker_name,
            host=socket.gethostname(),
            pid=os.getpid(),
            queue=workbench.device.queue,
            device=workbench.device.name,
            version=self._version,
            draining=workbench.draining.is_set(),
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        try:
            with self._workbench.database.transaction() as session:
                workers.leave(session, self._workbench.worker_id)
        except DBAPIError as unanswered:
            log.warning("left without saying so: %s", unanswered.orig)

    def _show_until_ended(self) -> None:
        wait_s = 0.0
        while not self._ended.wait(wait_s):
            try:
                self._show()
                wait_s = self._workbench.settings.heartbeat_s
            except DBAPIError as error:
                log.warning("the database does not answer: %s", error.orig)
                wait_s = _TRY_AGAIN_S

    def _show(self) -> None:
        with self._workbench.database.transaction() as session:
            draining = self._workbench.draining.is_set()
            told = workers.beat(session, self._workbench.worker_id, draining=draining)
            # The row is gone at first, and after an absence so long that it was cleaned up.
            if told is None:
                workers.register(session, self.row())
        if told and not (draining or self._asked_to_drain):
            log.info("asked to drain")
            self._asked_to_drain = True
            os.kill(os.getpid(), signal.SIGTERM)  # by the door that an operator's stop comes through
