"""An attempt's heartbeat: a thread that renews the lease while the supervisor is busy, and hears stop requests."""

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from store.db.errors import LeaseLost
from store.runs import attempts, gangs
from store.runs.attempts import Claim
from store.runs.gangs import Loss
from store.runs.states import StopRequest
from worker.workbench import Workbench

# The pause before the next try if the database can't be reached.
_RETRY_S = 1.0

log = logging.getLogger(__name__)


class Heart:
    """`lost` is set once the attempt no longer owns its run; `stop_request` is a user's cancel or pause; `loss` tells
    of another machine of the run that can't go on.
    """

    def __init__(self, workbench: Workbench, claim: Claim) -> None:
        self._workbench, self._claim = workbench, claim
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_until_ended, name="heart", daemon=True)
        self.lost = threading.Event()
        self.stop_request: StopRequest | None = None
        self.loss: Loss | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _beat_until_ended(self) -> None:
        wait_s = 0.0  # immediately: a stop may have been requested before the claim
        while not self._ended.wait(wait_s):
            wait_s = self._workbench.settings.heartbeat_s
            try:
                with self._workbench.database.transaction() as session:
                    self.stop_request = attempts.beat(
                        session, self._claim.run.id, self._claim.attempt, self._workbench.settings.lease_s
                    )
                    if self._claim.run.machines > 1:
                        self.loss = self.loss or gangs.loss(session, self._claim.run, self._workbench.settings.lease_s)
            except LeaseLost:
                self.lost.set()
                return
            except DBAPIError as error:
                log.warning("no heartbeat for run %s: %s", self._claim.run.id, error.orig)
                wait_s = min(wait_s, _RETRY_S)
