"""An attempt's heartbeat: a thread that keeps the lease while the supervisor uploads or waits, and hears wishes."""

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from store.db.errors import LeaseLost
from store.runs import attempts
from store.runs.attempts import Claim
from store.runs.states import Wish
from worker.workbench import Workbench

# How soon to ask again where the database did not answer.
_ASK_AGAIN_S = 1.0

log = logging.getLogger(__name__)


class Heart:
    """`lost` is set where the attempt no longer owns its run; `wish` is what somebody asked of it."""

    def __init__(self, workbench: Workbench, claim: Claim) -> None:
        self._workbench, self._claim = workbench, claim
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_until_ended, name="heart", daemon=True)
        self.lost = threading.Event()
        self.wish: Wish | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _beat_until_ended(self) -> None:
        wait_s = 0.0  # at once: somebody may have wished before the claim
        while not self._ended.wait(wait_s):
            wait_s = self._workbench.settings.heartbeat_s
            try:
                with self._workbench.database.transaction() as session:
                    self.wish = attempts.beat(
                        session, self._claim.run.id, self._claim.attempt, self._workbench.settings.lease_s
                    )
            except LeaseLost:
                self.lost.set()
                return
            except DBAPIError as error:
                log.warning("no heartbeat for run %s: %s", self._claim.run.id, error.orig)
                wait_s = min(wait_s, _ASK_AGAIN_S)
