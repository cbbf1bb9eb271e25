"""A worker that was enlisted for one machine of a run which another worker supervises.

It trains, and records nothing: events, files and the lease are the other worker's. It ends with the attempt.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from store.db.errors import LeaseLost, StoreError
from store.runs import gangs
from store.runs.attempts import Claim
from trainer.archive import BadDataSet
from trainer.events import EXIT_FINISHED, EXIT_STOPPED
from trainer.failure import describe
from worker import command_line
from worker.machines import meeting
from worker.presence import Presence
from worker.process import TrainerProcess
from worker.subjects import BadSubject
from worker.workbench import Workbench
from worker.workdir import BadCheckpoint, Workdir, prepare_workdir, remove_workdir

# Between two looks at the attempt.
_LOOK_S = 1.0
_LINE_S = 0.2

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class CannotTakePart(Exception):
    """Why this machine can't train its part. The run goes back to the queue with this message."""


def assist(workbench: Workbench, presence: Presence, claim: Claim) -> None:
    """Trains one machine of a run until the attempt ends. Raises nothing, and leaves no trainer behind."""
    mate = Mate(workbench, presence, claim)
    try:
        mate.run()
    except LeaseLost as error:
        log.info("%s; ended its trainer", error)
    except CannotTakePart as error:
        mate.give_up(str(error))
    except Exception:
        # A bug of ours must not stop this worker.
        log.exception("machine %d of run %s", claim.machine, claim.run.id)
        mate.give_up("an internal error in the worker; see the worker's log")


class Mate:
    """One machine of one attempt. It stands in for a Recorder where a working folder is prepared."""

    def __init__(self, workbench: Workbench, presence: Presence, claim: Claim) -> None:
        self._workbench, self._presence, self._claim = workbench, presence, claim
        self._looked_at = 0.0

    def run(self) -> None:
        """Raises LeaseLost and CannotTakePart."""
        workdir = self._prepare()
        try:
            self._train(workdir)
        finally:
            remove_workdir(workdir)

    def _prepare(self) -> Workdir:
        try:
            return prepare_workdir(self._workbench, self._claim, self)
        except (BadDataSet, BadSubject, BadCheckpoint, StoreError, ObjectStoreError) as error:
            raise CannotTakePart(f"its part could not be prepared: {error}") from error
        except OSError as error:
            raise CannotTakePart(f"its part could not be prepared: {describe(error)}") from error

    def _train(self, workdir: Workdir) -> None:
        try:
            place = meeting.joined(self._workbench, self._claim, self._address())
            argv = command_line.argv(self._workbench, self._claim, workdir, place.options)
            trainer = TrainerProcess(argv, workdir.folder, self._workbench.device.environment)
        except (OSError, LookupError) as error:
            raise CannotTakePart(f"its trainer could not be started: {error}") from error
        with trainer:
            self._follow(trainer)
            ending = trainer.describe_exit()
        if trainer.exit_code not in (EXIT_FINISHED, EXIT_STOPPED):
            raise CannotTakePart(f"its trainer {ending}; see the worker's log")

    def _address(self) -> str:
        """Waits until the supervising worker has announced the meeting point."""
        while (address := self._look()) is None:
            time.sleep(_LOOK_S)
        return address

    def _follow(self, trainer: TrainerProcess) -> None:
        while trainer.is_open:
            if line := trainer.next_line(_LINE_S):
                log.info("run %s: %s", self._claim.run.id, line.text.decode(errors="replace"))
            if time.monotonic() - self._looked_at > _LOOK_S:
                self._look()

    def _look(self) -> str | None:
        """The meeting point. Without the database, the training goes on. Raises LeaseLost."""
        self._looked_at = time.monotonic()
        if self._workbench.draining.is_set():
            self._presence.wake()  # the supervising worker sees it in our row, and stops the run with a checkpoint
        run_id, attempt = self._claim.run.id, self._claim.attempt
        try:
            with self._workbench.database.transaction() as session:
                return gangs.meeting(session, run_id, attempt, self._workbench.worker_id)
        except DBAPIError as error:
            log.warning("can't reach the database: %s", error.orig)
            return None

    def give_up(self, why: str) -> None:
        """Tells the supervising worker. If that fails, our silence or our free row tells it."""
        log.error("machine %d of run %s: %s", self._claim.machine, self._claim.run.id, why)
        message = f"{self._workbench.worker_name}: {why}"
        run_id, attempt = self._claim.run.id, self._claim.attempt
        try:
            with self._workbench.database.transaction() as session:
                gangs.give_up(session, run_id, attempt, self._workbench.worker_id, message)
        except DBAPIError as error:
            log.warning("can't reach the database: %s", error.orig)

    def say(self, level: str, message: str) -> None:
        """To this worker's own log: the run's log is the supervising worker's."""
        log.log(logging.getLevelNamesMapping()[level], "run %s: %s", self._claim.run.id, message)

    def persist(self, verb: Callable[[Session], Result]) -> Result:
        """Calls the verb until the database answers. Raises LeaseLost if the attempt ends meanwhile."""
        while True:
            try:
                with self._workbench.database.transaction() as session:
                    return verb(session)
            except (OperationalError, InterfaceError) as error:
                log.warning("run %s: waiting for the database: %s", self._claim.run.id, error.orig)
                time.sleep(_LOOK_S)
                self._look()
