"""How an attempt ends: what becomes of its run, and what is said of it. Each verb writes at the attempt's fence."""

from uuid import UUID

from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy.orm import Session

from store import artifacts
from store.db import failpoints
from store.db.errors import Conflict
from store.runs import attempts
from store.runs.attempts import Claim
from trainer.events import FailureReason
from worker.heart import Heart
from worker.recorder import Recorder
from worker.workbench import Workbench

# The wait before the next attempt if the object store can't be reached.
OBJECTS_RETRY_S = 15.0


class Ending:
    """The verbs that end one attempt. All of them raise LeaseLost."""

    def __init__(self, workbench: Workbench, claim: Claim, heart: Heart, recorder: Recorder) -> None:
        self._workbench, self._claim, self._heart, self._recorder = workbench, claim, heart, recorder

    def go_back(self, why: str) -> None:
        """Makes the next attempt start from the checkpoint before the lost one."""
        if self._claim.checkpoint and self._claim.checkpoint.attempt is None:
            return self.fail("data", f"{why}. This run was forked from that checkpoint and can't start without it.")

        self._recorder.say("ERROR", f"attempt {self._claim.attempt} returns the run to the queue: {why}")
        self._recorder.flush()

        def step_back(session: Session) -> None:
            run = attempts.lock(session, *self._fence)
            if self._claim.checkpoint:
                artifacts.distrust(session, run, self._claim.checkpoint, why)
            # Not counted as a failure: at most one attempt per checkpoint ends this way, and nothing was trained.
            attempts.return_to_queue(session, *self._fence, why)

        return self._recorder.persist(step_back)

    def wait_for_objects(self, error: ObjectStoreError) -> None:
        """Returns the run to the queue for a while, without counting a failure: the object store is to blame."""
        why = f"can't reach the object store: {error}"
        self._recorder.flush()
        self._recorder.persist(
            lambda session: attempts.return_to_queue(session, *self._fence, why, wait_s=OBJECTS_RETRY_S)
        )

    def succeed(self) -> None:
        self._recorder.say("INFO", f"attempt {self._claim.attempt} has finished")
        self._recorder.flush()
        self._workbench.fitness.trust()
        try:
            self._recorder.persist(lambda session: attempts.succeed(session, *self._fence))
            failpoints.reach("worker.ended")
        except Conflict as error:
            self.return_run(str(error))

    def fail(self, reason: FailureReason, message: str) -> None:
        self._recorder.say("ERROR", f"the run has failed ({reason}): {message}")
        self._recorder.flush()
        self._recorder.persist(lambda session: attempts.fail(session, *self._fence, reason, message))

    def run_out(self, message: str) -> None:
        """The device had too little memory for the run: alone, or because it was shared."""
        self._recorder.say("ERROR", f"out of memory: {message}")
        self._recorder.flush()
        most = self._workbench.settings.max_attempts
        self._recorder.persist(lambda session: attempts.run_out(session, *self._fence, message, most))

    def leave(self) -> None:
        """Cancels or pauses the run as requested; returns it if the worker drains or the request was withdrawn."""
        self._recorder.say("INFO", f"attempt {self._claim.attempt} is stopping, as requested")
        self._recorder.flush()

        def leave(session: Session) -> None:
            if attempts.lock(session, *self._fence).stop_request:
                attempts.stop(session, *self._fence)
            else:
                drains, loss = self._workbench.draining.is_set(), self._heart.loss
                why = "the worker is shutting down" if drains else "the pause request was withdrawn"
                most = self._workbench.settings.max_attempts if loss and loss.is_failure and not drains else None
                attempts.return_to_queue(session, *self._fence, loss.message if loss else why, most=most)

        self._recorder.persist(leave)

    def suspect(self, message: str) -> None:
        """Returns the run to the queue after a failure that may be the machine's, which is then examined.

        If the machine is unfit, the run is not to blame. Otherwise this counts as a failure of the run.
        """
        self._recorder.say("ERROR", f"{message}; examining this machine")
        self._recorder.flush()
        if not self._workbench.fitness.examine():
            return self.return_run(message)
        self._recorder.say("ERROR", "the machine passed its own check, so this counts as a failure of the run")
        self._recorder.flush()
        most = self._workbench.settings.max_attempts
        self._recorder.persist(lambda session: attempts.suspect(session, *self._fence, message, most))
        return None

    def return_run(self, message: str) -> None:
        """Returns the run to the queue; it waits longer after each attempt, and fails after `max_attempts`.

        An attempt on a machine that is unfit now doesn't count: that may be why it ended.
        """
        fitness, most = self._workbench.fitness, self._workbench.settings.max_attempts
        is_fit = fitness.look()
        why = message if is_fit else f"{message}. {self._workbench.worker_name} is unfit: {fitness.trouble}"
        self._recorder.say("ERROR", f"attempt {self._claim.attempt} returns the run to the queue: {why}")
        self._recorder.flush()
        self._recorder.persist(
            lambda session: attempts.return_to_queue(session, *self._fence, why, most=most if is_fit else None)
        )

    @property
    def _fence(self) -> tuple[UUID, int]:
        return self._claim.run.id, self._claim.attempt
