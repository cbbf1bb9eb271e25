"""The story of an attempt: claim, prepare, start the trainer, pass on what it says, end the run as it deserves."""

import contextlib
import logging
from pathlib import Path
from time import monotonic as now
from uuid import UUID

from obstore.exceptions import BaseError as ObjectStoreError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from store import artifacts
from store.db import failpoints
from store.db.errors import Conflict, LeaseLost, StoreError
from store.runs import attempts
from store.runs.attempts import Claim
from trainer.archive import BadDataSet
from trainer.events import Evaluated, Event, Failed, FailureReason, Finished, Saved, Started, Steps, Stopped, Warned
from trainer.spec import RunSpec
from worker import command_line, divergence, workdir
from worker.heart import Heart
from worker.process import Line, TrainerProcess
from worker.recorder import Recorder
from worker.silence import Silence
from worker.subjects import BadSubject
from worker.workbench import Workbench
from worker.workdir import BadCheckpoint, Workdir

# A trainer stops at the next iteration's end and writes a checkpoint; one that does not is killed.
STOP_S = 20.0
# After its last word only the interpreter's own end is left.
LEAVE_S = 10.0
# Until an attempt is made again that could not fetch its files.
OBJECTS_AGAIN_S = 15.0
# How often wishes, the lease and a drain are looked at while the trainer is silent.
_LOOK_S = 0.2

log = logging.getLogger(__name__)


def supervise(workbench: Workbench, claim: Claim) -> None:
    """Takes a claimed run to the end of this attempt. Whatever happens, no trainer is left and nothing is raised."""
    with Heart(workbench, claim) as heart:
        attempt = Attempt(workbench, claim, heart)
        try:
            attempt.run()
        except LeaseLost as error:
            log.warning("%s: its trainer is killed and nothing more is written", error)
        except Exception:
            # A defect of ours must not leave the run to its lease: the device stays useful.
            log.exception("attempt %d of run %s", claim.attempt, claim.run.id)
            attempt.abandon()


class Attempt:
    """One attempt while it lasts."""

    def __init__(self, workbench: Workbench, claim: Claim, heart: Heart) -> None:
        self._workbench, self._claim, self._heart = workbench, claim, heart
        self._recorder = Recorder(workbench, claim, heart)
        self._last: Finished | Stopped | Failed | None = None  # the trainer's last word
        self._refusal: str | None = None  # why we do not believe the trainer
        self._asked_to_stop = False
        self._stalled = ""
        self._rubbish = 0

    def run(self) -> None:
        """Raises LeaseLost."""
        self._recorder.say("INFO", f"attempt {self._claim.attempt} on {self._workbench.worker_name}")
        try:
            place = workdir.prepare(self._workbench, self._claim, self._recorder)
        except (BadDataSet, BadSubject) as error:
            return self._fail("data", str(error))
        except BadCheckpoint as error:
            return self._go_back(str(error))
        except LeaseLost:
            raise
        except ObjectStoreError as error:
            return self._wait_for_objects(error)
        except (StoreError, OSError) as error:
            return self._give_back(f"the attempt could not be prepared: {error}")
        try:
            obituary = self._train(place)
        finally:
            workdir.remove(place)
        return self._end(obituary)

    def abandon(self) -> None:
        """Gives the run back after a defect of ours; where that fails too, its lease ends it."""
        with contextlib.suppress(LeaseLost, DBAPIError):
            self._give_back("the worker met an error of its own; its log says more")

    def _train(self, place: Workdir) -> str:
        """Follows the trainer to its end, and says how it ended."""
        self._silence = Silence(RunSpec.model_validate(self._claim.run.spec), self._workbench.settings.stall_s, now())
        argv = command_line.argv(self._workbench, self._claim, place)
        with TrainerProcess(argv, place.folder, self._workbench.device.environment) as trainer:
            self._recorder.trainer = trainer
            while trainer.speaking:
                if self._heart.lost.is_set():
                    raise LeaseLost(f"attempt {self._claim.attempt} no longer owns run {self._claim.run.id}")
                if self._is_to_stop():
                    self._asked_to_stop = True
                    trainer.ask_to_stop(STOP_S)
                line = trainer.next_line(min(self._recorder.due_in_s, _LOOK_S))
                self._pass_on(line, place.folder)
                if self._silence.look(now()):
                    self._stalled = f"said nothing for {self._silence.limit_s:.0f} s (RESLAB_STALL_S) and"
                if self._refusal or self._stalled:
                    trainer.kill()
                elif self._last:
                    trainer.must_end(LEAVE_S)
            self._recorder.trainer = None
            return f"{self._stalled} {trainer.obituary()}".strip()

    def _is_to_stop(self) -> bool:
        return bool(self._workbench.draining.is_set() or self._heart.wish or self._recorder.wish)

    def _pass_on(self, line: Line | None, folder: Path) -> None:
        try:
            if line and line.source == "log":
                self._silence.hear()
                self._recorder.log(line.text.decode(errors="replace"))
            elif line and not self._refusal:
                self._hear(line.text, folder)
            if self._recorder.due_in_s <= 0:
                self._recorder.flush()
        except DBAPIError as error:
            # Outages are waited for: this is something that the tables refuse, now and whenever it is sent again.
            self._refusal = f"what the trainer said cannot be recorded: {error.orig}"

    def _hear(self, text: bytes, folder: Path) -> None:
        try:
            events = divergence.understood(text)
        except ValidationError:
            self._rubbish += 1
            shown = text[:200].decode(errors="replace")
            self._recorder.say("WARNING", f"line {self._rubbish} on the trainer's stdout that is no event: {shown}")
            return
        for event in events:
            self._silence.hear(event)
            self._act_on(event, folder)

    def _act_on(self, event: Event, folder: Path) -> None:
        match event:
            case _ if self._last:
                self._recorder.say("WARNING", f"the trainer said {event.kind} after {self._last.kind}: left out")
            case Started():
                self._recorder.tell(event)
                if event.resumed_from != self._claim.resumed_from:
                    self._refusal = (
                        f"the trainer started from iteration {event.resumed_from},"
                        f" but the checkpoint it was given is of {self._claim.resumed_from}"
                    )
            case Steps() | Evaluated() | Warned():
                self._recorder.tell(event)
            case Saved():
                self._save(event, folder)
            case _:
                self._last = event

    def _save(self, event: Saved, folder: Path) -> None:
        file = (folder / event.file).resolve()
        if not file.is_relative_to(folder.resolve()):
            self._refusal = f"the trainer saved {event.file}, which lies outside its folder"
            return
        try:
            self._recorder.save(event, file)
        except LeaseLost:
            raise
        except (StoreError, ObjectStoreError, OSError) as error:
            # Only the last weights are needed to succeed; an older checkpoint costs time at worst.
            self._recorder.say("WARNING", f"{event.file} was not kept: {error}")
            return
        if event.role == "weights":
            file.unlink(missing_ok=True)  # a long run's weights would fill the disk; checkpoints are the trainer's

    def _end(self, obituary: str) -> None:
        self._recorder.flush()
        match self._last:
            case _ if self._refusal:
                self._fail("internal", self._refusal)
            case Finished():
                self._succeed()
            case Failed(reason="internal", message=message):
                self._give_back(message)
            case Failed(reason=reason, message=message):
                self._fail(reason, message)
            case _ if self._asked_to_stop:
                self._leave()
            case Stopped():
                self._give_back("somebody else than its worker stopped the trainer")
            case _:
                self._give_back(f"the trainer {obituary} without a word")

    def _go_back(self, why: str) -> None:
        """The next attempt starts from the checkpoint before the one that is lost."""
        if self._claim.checkpoint and self._claim.checkpoint.attempt is None:
            return self._fail("data", f"{why}. It is the one that this run was forked from")

        self._recorder.say("ERROR", f"attempt {self._claim.attempt} is given back: {why}")
        self._recorder.flush()

        def step_back(session: Session) -> None:
            run = attempts.held(session, *self._fence)
            if self._claim.checkpoint:
                artifacts.distrust(session, run, self._claim.checkpoint, why)
            # It counts as no failure: there are as many of these attempts as checkpoints, and nothing was trained.
            attempts.give_back(session, *self._fence, why)

        return self._recorder.persist(step_back)

    def _wait_for_objects(self, error: ObjectStoreError) -> None:
        """The run is not to blame where its checkpoint or data cannot be fetched."""
        why = f"the object store does not answer: {error}"
        self._recorder.flush()
        self._recorder.persist(lambda session: attempts.give_back(session, *self._fence, why, wait_s=OBJECTS_AGAIN_S))

    def _succeed(self) -> None:
        self._recorder.say("INFO", f"attempt {self._claim.attempt} has finished")
        self._recorder.flush()
        try:
            self._recorder.persist(lambda session: attempts.succeed(session, *self._fence))
            failpoints.reach("worker.ended")
        except Conflict as error:
            self._give_back(str(error))

    def _fail(self, reason: FailureReason, message: str) -> None:
        self._recorder.say("ERROR", f"the run fails, {reason}: {message}")
        self._recorder.flush()
        self._recorder.persist(lambda session: attempts.fail(session, *self._fence, reason, message))

    def _leave(self) -> None:
        """Cancelled or paused as was wished; given back where the worker drains, or the wish was taken back since."""
        self._recorder.say("INFO", f"attempt {self._claim.attempt} stops, as was asked of it")
        self._recorder.flush()

        def leave(session: Session) -> None:
            if attempts.held(session, *self._fence).wish:
                attempts.stop(session, *self._fence)
            else:
                drains = self._workbench.draining.is_set()
                why = "the worker is leaving" if drains else "a wish to pause was taken back"
                attempts.give_back(session, *self._fence, why)

        self._recorder.persist(leave)

    def _give_back(self, message: str) -> None:
        """Another attempt may do better: the run waits a little longer each time, and fails after `max_attempts`."""
        self._recorder.say("ERROR", f"attempt {self._claim.attempt} is given back: {message}")
        self._recorder.flush()
        most = self._workbench.settings.max_attempts
        self._recorder.persist(lambda session: attempts.give_back(session, *self._fence, message, most=most))

    @property
    def _fence(self) -> tuple[UUID, int]:
        return self._claim.run.id, self._claim.attempt
