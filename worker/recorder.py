"""The single writer of an attempt: batches, log and files reach the store in order, each once, whatever breaks."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from store import artifacts
from store.db import failpoints
from store.db.errors import LeaseLost
from store.runs import attempts
from store.runs.attempts import Claim, Told
from store.runs.states import Wish
from trainer.events import Evaluated, Saved, Started, Steps
from worker.heart import Heart
from worker.logbook import Logbook
from worker.process import TrainerProcess
from worker.sampler import Sampler
from worker.workbench import Workbench

# Two transactions are this far apart, unless somebody waits.
_BATCH_S = 1.0
_LONGEST_WAIT_S = 1.0

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


class Recorder:
    """Every write is tried until it is answered; meanwhile the trainer is held. Raises LeaseLost from all verbs.

    A batch or chunk carries its number, so that one sent again after an unclear answer does nothing.
    """

    def __init__(self, workbench: Workbench, claim: Claim, heart: Heart) -> None:
        self._workbench, self._claim, self._heart = workbench, claim, heart
        self._told: list[Told] = []
        self._logbook = Logbook()
        self._batch = self._chunk = 0
        self._flushed_at = 0.0
        self._first_steps_seen = False
        self.trainer: TrainerProcess | None = None
        self._sampler: Sampler | None = None
        self.wish: Wish | None = None

    def tell(self, event: Told) -> None:
        """Takes an event for the next batch; what a watcher waits for leaves at once."""
        self._told.append(event)
        if isinstance(event, Started | Evaluated) or (isinstance(event, Steps) and not self._first_steps_seen):
            self._first_steps_seen |= isinstance(event, Steps)
            self.flush()

    def log(self, line: str) -> None:
        """Takes a line of the run's log as it is."""
        self._logbook.add(line)

    def say(self, level: str, message: str) -> None:
        """A line of the supervisor's own, in the form of the trainer's."""
        now = datetime.now().astimezone()
        self.log(f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03d} {level} worker: {message}")

    @property
    def due_in_s(self) -> float:
        """Seconds until `flush` is to be called: at once after a quiet time, else a second after the last one."""
        if not (self._told or self._logbook):
            return _BATCH_S
        return max(self._flushed_at + _BATCH_S - time.monotonic(), 0)

    def flush(self) -> None:
        """Writes what waits."""
        run_id, attempt = self._claim.run.id, self._claim.attempt
        if self._told:
            self._batch += 1
            batch, told, self._told = self._batch, [*self._told, *self._sampled()], []
            self.wish = self.persist(lambda session: attempts.append(session, run_id, attempt, batch, told))
        if self._logbook:
            self._chunk += 1
            append = partial(attempts.append_log, limit_bytes=self._workbench.settings.log_limit_bytes)
            chunk, text = self._chunk, self._logbook.take()
            self.persist(lambda session: append(session, run_id, attempt, chunk, text))
        self._flushed_at = time.monotonic()

    def _sampled(self) -> list[Told]:
        """What the machine did, beside the points of a batch."""
        has_points = any(isinstance(event, Steps) for event in self._told)
        if not (has_points and self.trainer):
            return []
        self._sampler = self._sampler or Sampler(self.trainer.pid, self._workbench.device)
        return [self._sampler.read()]

    def save(self, event: Saved, file: Path) -> None:
        """Uploads and verifies a file, then commits its row: 'latest' exists only in Postgres.

        Raises StoreError and obstore's errors where the object store does not take it, OSError where it is gone.
        """
        self.flush()
        run_id, attempt = self._claim.run.id, self._claim.attempt
        self._workbench.objects.put(artifacts.key(run_id, attempt, event.file), file, event.sha256)
        failpoints.reach("worker.uploaded")

        def commit(session: Session) -> list[str]:
            return artifacts.commit(session, attempts.held(session, run_id, attempt), event)

        forgotten = self.persist(commit)
        failpoints.reach("worker.saved")
        self._workbench.objects.delete(forgotten)

    def persist(self, verb: Callable[[Session], Answer]) -> Answer:
        """The verb's answer, asked for until the database gives one. The trainer is held while it does not."""
        wait_s = 0.05
        while True:
            try:
                with self._workbench.database.transaction() as session:
                    answer = verb(session)
            except (OperationalError, InterfaceError) as error:
                self._hold(error)
                if self._heart.lost.wait(wait_s):
                    raise LeaseLost(f"attempt {self._claim.attempt} was taken over during an outage") from error
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                if self.trainer:
                    self.trainer.go_on()
                return answer

    def _hold(self, error: DBAPIError) -> None:
        log.warning("run %s waits for the database: %s", self._claim.run.id, error.orig)
        if self.trainer and self._workbench.device.queue == "cpu":
            self.trainer.hold()
