"""The only writer of an attempt: batches, log and files reach the store in order and once, despite outages."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from store import artifacts
from store.db import failpoints
from store.db.errors import LeaseLost
from store.db.objects import is_full
from store.runs import attempts
from store.runs.attempts import BatchEvent, Claim
from store.runs.states import StopRequest
from trainer.events import Points, Saved, Scores, Started
from worker.heart import Heart
from worker.logbook import Logbook
from worker.process import TrainerProcess
from worker.sampler import Sampler
from worker.workbench import Workbench

# The time between two transactions, unless an event is urgent.
_BATCH_S = 1.0
_LONGEST_WAIT_S = 1.0
# Each try writes as much of the file as fits.
_LONGEST_FULL_S = 10.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Records(Protocol):
    """What preparing a working folder needs of a Recorder, or of a machine that has none (worker/machines/mate.py)."""

    def say(self, level: str, message: str) -> None: ...
    def persist(self, verb: Callable[[Session], Result]) -> Result: ...


class Recorder:
    """Repeats every write until the database answers, and suspends the trainer meanwhile. Any verb may raise LeaseLost.

    Batches and chunks are numbered, so repeating a write that was committed but not answered does nothing.
    """

    def __init__(self, workbench: Workbench, claim: Claim, heart: Heart) -> None:
        self._workbench, self._claim, self._heart = workbench, claim, heart
        self._events: list[BatchEvent] = []
        self._logbook = Logbook()
        self._batch = self._chunk = 0
        self._flushed_at = 0.0
        self._has_steps = False
        self.trainer: TrainerProcess | None = None
        self._sampler: Sampler | None = None
        self.stop_request: StopRequest | None = None

    def record(self, event: BatchEvent) -> None:
        """Adds an event to the next batch. The first points, and every evaluation, are written immediately."""
        self._events.append(event)
        if isinstance(event, Started | Scores) or (isinstance(event, Points) and not self._has_steps):
            self._has_steps |= isinstance(event, Points)
            self.flush()

    def log(self, line: str) -> None:
        """Adds a line to the run's log, unchanged."""
        self._logbook.add(line)

    def say(self, level: str, message: str) -> None:
        """Adds a line of the supervisor's own, in the format of the trainer's."""
        now = datetime.now().astimezone()
        self.log(f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03d} {level} worker: {message}")

    @property
    def due_in_s(self) -> float:
        """Seconds until `flush` should be called: 0 after a quiet time, else until one second after the last flush."""
        if not (self._events or self._logbook):
            return _BATCH_S
        return max(self._flushed_at + _BATCH_S - time.monotonic(), 0)

    def flush(self) -> None:
        """Writes the waiting events and log lines."""
        run_id, attempt = self._claim.run.id, self._claim.attempt
        if self._events:
            self._batch += 1
            batch, events, self._events = self._batch, [*self._events, *self._sample()], []
            self.stop_request = self.persist(lambda session: attempts.append(session, run_id, attempt, batch, events))
        if self._logbook:
            self._chunk += 1
            append = partial(attempts.append_log, limit_bytes=self._workbench.settings.log_limit_bytes)
            chunk, text = self._chunk, self._logbook.take()
            self.persist(lambda session: append(session, run_id, attempt, chunk, text))
        self._flushed_at = time.monotonic()

    def _sample(self) -> list[BatchEvent]:
        """A reading of the machine, to go with the points of a batch."""
        has_points = any(isinstance(event, Points) for event in self._events)
        if not (has_points and self.trainer):
            return []
        self._sampler = self._sampler or Sampler(self.trainer.pid, self._workbench.device)
        return [self._sampler.read()]

    def save(self, event: Saved, file: Path) -> None:
        """Uploads and verifies a file, then commits its row: 'latest' exists only in Postgres.

        Raises StoreError or obstore's errors if the upload fails, OSError if the file is gone.
        """
        self.flush()
        run_id, attempt = self._claim.run.id, self._claim.attempt
        self._upload(artifacts.key(run_id, attempt, event.file), file, event.sha256)
        failpoints.reach("worker.uploaded")

        def commit(session: Session) -> list[str]:
            return artifacts.commit(session, attempts.lock(session, run_id, attempt), event)

        outdated = self.persist(commit)
        failpoints.reach("worker.saved")
        self._workbench.objects.delete(outdated)

    def _upload(self, key: str, file: Path, sha256: str) -> None:
        """Waits while the store's disk is full, as for the database, unless the attempt must stop."""
        wait_s = 0.05
        while True:
            try:
                self._workbench.objects.put(key, file, sha256)
            except ObjectStoreError as error:
                if not is_full(error) or self._must_stop():
                    raise
                if wait_s == 0.05:
                    self.say("WARNING", f"the object store's disk is full; waiting to upload {file.name}")
                    self.flush()
                self._suspend_trainer(error)
                self._heart.lost.wait(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_FULL_S)
            else:
                if self.trainer:
                    self.trainer.resume()
                return

    def _must_stop(self) -> bool:
        heart = self._heart
        return bool(heart.lost.is_set() or heart.stop_request or self._workbench.draining.is_set())

    def persist(self, verb: Callable[[Session], Result]) -> Result:
        """Calls the verb until the database answers; returns its result. Suspends the trainer during an outage."""
        wait_s = 0.05
        while True:
            try:
                with self._workbench.database.transaction() as session:
                    result = verb(session)
            except (OperationalError, InterfaceError) as error:
                self._suspend_trainer(error)
                if self._heart.lost.wait(wait_s):
                    claim = self._claim
                    message = f"attempt {claim.attempt} no longer owns run {claim.run.id}, after a database outage"
                    raise LeaseLost(message) from error
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            else:
                if self.trainer:
                    self.trainer.resume()
                return result

    def _suspend_trainer(self, error: Exception) -> None:
        why = f"the database: {error.orig}" if isinstance(error, DBAPIError) else f"the object store: {error}"
        log.warning("run %s: waiting for %s", self._claim.run.id, why)
        if self.trainer and self._workbench.device.queue == "cpu":
            self.trainer.suspend()
