"""An attempt from its claim to its end: prepare, start the trainer, record its events, decide how the run goes on."""

import contextlib
import logging
from contextlib import ExitStack
from pathlib import Path
from time import monotonic as now
from uuid import UUID

from obstore.exceptions import BaseError as ObjectStoreError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from store import datasets
from store.db.errors import LeaseLost, StoreError
from store.runs import gangs
from store.runs.attempts import Claim
from trainer import tasks
from trainer.archive import BadDataSet
from trainer.events import (
    DetectionEvaluated,
    DetectionSteps,
    Evaluated,
    Event,
    Failed,
    Finished,
    Sampled,
    Saved,
    Started,
    Steps,
    Stopped,
    Unable,
    Warned,
)
from trainer.failure import describe
from worker import command_line, divergence
from worker.ending import Ending
from worker.heart import Heart
from worker.machines import meeting
from worker.process import OutputLine, TrainerProcess
from worker.recorder import Recorder
from worker.silence import Silence
from worker.subjects import BadSubject
from worker.workbench import Workbench
from worker.workdir import BadCheckpoint, Workdir, prepare_workdir, remove_workdir

# A trainer stops after its current iteration and writes a checkpoint. It is killed if that takes longer than this.
STOP_S = 20.0
# After its last event only the interpreter's shutdown is left.
LEAVE_S = 10.0
# How often stop requests, the lease and a drain are checked while the trainer is silent.
_CHECK_S = 0.2

log = logging.getLogger(__name__)


def supervise(workbench: Workbench, claim: Claim) -> None:
    """Takes a claimed run to the end of this attempt. Raises nothing, and leaves no trainer behind."""
    with Heart(workbench, claim) as heart:
        supervisor = Supervisor(workbench, claim, heart)
        try:
            supervisor.run()
        except LeaseLost as error:
            log.warning("%s; killed its trainer", error)
        except Exception:
            # A bug of ours must not block the run until its lease expires, nor stop this worker.
            log.exception("attempt %d of run %s", claim.attempt, claim.run.id)
            supervisor.abandon()


class Supervisor:
    """Supervises one attempt."""

    def __init__(self, workbench: Workbench, claim: Claim, heart: Heart) -> None:
        self._workbench, self._claim, self._heart = workbench, claim, heart
        self._recorder = Recorder(workbench, claim, heart)
        self._ending = Ending(workbench, claim, heart, self._recorder)
        self._last: Finished | Stopped | Failed | Unable | None = None  # the trainer's last event
        self._refusal: str | None = None  # why the trainer can't be trusted
        self._is_stopping = self._has_started = False
        self._stalled = ""
        self._unreadable_lines = 0

    def run(self) -> None:
        """Raises LeaseLost."""
        self._recorder.say("INFO", f"attempt {self._claim.attempt} starts on {self._workbench.worker_name}")
        workdir = self._prepare()
        if workdir is None:
            return
        try:
            ending = self._train(workdir)
        except OSError as error:
            self._ending.suspect(f"the trainer could not be started: {describe(error)}")
        except LookupError as error:
            self._ending.suspect(f"the trainer could not be started: {error}")
        else:
            self._end(ending)
        finally:
            remove_workdir(workdir)

    def _prepare(self) -> Workdir | None:
        """The working folder; None if the attempt ends without one. Raises LeaseLost."""
        try:
            return prepare_workdir(self._workbench, self._claim, self._recorder)
        except (BadDataSet, BadSubject) as error:
            self._ending.fail("data", str(error))
        except BadCheckpoint as error:
            self._ending.go_back(str(error))
        except LeaseLost:
            raise
        except ObjectStoreError as error:
            self._ending.wait_for_objects(error)
        except StoreError as error:
            self._ending.return_run(f"the attempt could not be prepared: {error}")
        except OSError as error:
            self._ending.suspect(f"the attempt could not be prepared: {describe(error)}")
        return None

    def abandon(self) -> None:
        """Returns the run to the queue after a bug of ours. If that fails too, its lease expires."""
        with contextlib.suppress(LeaseLost, DBAPIError):
            self._ending.return_run("an internal error in the worker; see the worker's log")

    def _train(self, workdir: Workdir) -> str:
        """Follows the trainer to its end. Returns how it ended, in words."""
        self._silence = Silence(tasks.of(self._claim.run.spec), self._workbench.settings.stall_s, now())
        with ExitStack() as stack:
            place = stack.enter_context(meeting.opened(self._workbench, self._claim))
            argv = command_line.argv(self._workbench, self._claim, workdir, place.options)
            environment = self._workbench.device.environment
            trainer = stack.enter_context(TrainerProcess(argv, workdir.folder, environment, place.sockets))
            self._recorder.trainer = trainer
            if place.address:
                self._recorder.persist(lambda session: gangs.announce(session, *self._fence, place.address))
            while trainer.is_open:
                if self._heart.lost.is_set():
                    raise LeaseLost(f"attempt {self._claim.attempt} no longer owns run {self._claim.run.id}")
                if self._must_stop():
                    self._is_stopping = True
                    trainer.ask_to_stop(STOP_S)
                line = trainer.next_line(min(self._recorder.due_in_s, _CHECK_S))
                self._pass_on(line, workdir.folder)
                if self._silence.check(now()):
                    self._stalled = f"was silent for {self._silence.limit_s:,.0f} s (RESLAB_STALL_S) and"
                if self._refusal or self._stalled:
                    trainer.kill()
                elif self._last:
                    trainer.end_within(LEAVE_S)
            self._recorder.trainer = None
            return f"{self._stalled} {trainer.describe_exit()}".strip()

    def _must_stop(self) -> bool:
        heart, recorder = self._heart, self._recorder
        return bool(self._workbench.draining.is_set() or heart.stop_request or recorder.stop_request or heart.loss)

    def _pass_on(self, line: OutputLine | None, folder: Path) -> None:
        try:
            if line and line.source == "log":
                self._silence.hear()
                self._recorder.log(line.text.decode(errors="replace"))
            elif line and not self._refusal:
                self._hear(line.text, folder)
            if self._recorder.due_in_s <= 0:
                self._recorder.flush()
        except DBAPIError as error:
            # Not an outage, which the recorder waits out: the tables refuse this event, and would refuse it again.
            self._refusal = f"the trainer's output can't be recorded: {error.orig}"

    def _hear(self, text: bytes, folder: Path) -> None:
        try:
            events = divergence.read_events(text)
        except ValidationError:
            self._unreadable_lines += 1
            start = text[:200].decode(errors="replace")
            self._recorder.say("WARNING", f"unreadable line {self._unreadable_lines} on the trainer's stdout: {start}")
            return
        for event in events:
            self._silence.hear(event)
            self._act_on(event, folder)

    def _act_on(self, event: Event, folder: Path) -> None:
        match event:
            case _ if self._last:
                self._recorder.say("WARNING", f"ignored the event {event.kind}: it came after {self._last.kind}")
            case Started():
                self._has_started = True
                self._recorder.record(event)
                if event.resumed_from != self._claim.resumed_from:
                    self._refusal = (
                        f"the trainer started from iteration {event.resumed_from},"
                        f" but its checkpoint is of iteration {self._claim.resumed_from}"
                    )
            case Steps() | DetectionSteps() | Evaluated() | DetectionEvaluated() | Warned():
                self._recorder.record(event)
            case Saved():
                self._save(event, folder)
            case Sampled():
                self._keep_sheet(event, folder)
            case _:
                self._last = event

    def _save(self, event: Saved, folder: Path) -> None:
        if (file := self._inside(folder, event.file)) is None:
            return
        try:
            self._recorder.save(event, file)
        except LeaseLost:
            raise
        except (StoreError, ObjectStoreError, OSError) as error:
            # Only the last weights are needed to succeed; a lost checkpoint at worst costs time.
            self._recorder.say("WARNING", f"could not upload {event.file}: {error}")
        file.unlink(missing_ok=True)  # files would fill the disk, and the trainer would delete one before it is stored

    def _keep_sheet(self, event: Sampled, folder: Path) -> None:
        if (file := self._inside(folder, event.file)) is None:
            return
        png = file.read_bytes()
        self._recorder.persist(
            lambda session: datasets.keep_sheet(session, self._claim.run.dataset, event.classes, png)
        )

    def _inside(self, folder: Path, name: str) -> Path | None:
        """The trainer's file, with links resolved. Outside its folder the trainer can't be trusted."""
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()):
            self._refusal = f"the trainer saved {name}, which is outside its folder"
            return None
        return file

    def _end(self, ending: str) -> None:
        self._recorder.flush()
        match self._last:
            case _ if self._refusal:
                self._ending.fail("internal", self._refusal)
            case Finished():
                self._ending.succeed()
            case Unable(message=message) if not self._is_stopping:
                self._ending.suspect(message)
            case Failed(reason="internal", message=message):
                self._ending.return_run(self._heart.loss.message if self._heart.loss else message)
            case Failed(reason="out_of_memory", message=message):
                self._ending.run_out(message)
            case Failed(reason=reason, message=message):
                self._ending.fail(reason, message)
            case _ if self._is_stopping:
                self._ending.leave()
            case Stopped():
                self._ending.return_run("the trainer was stopped, but not by its worker")
            case _ if self._stalled or self._has_started:
                self._ending.return_run(f"the trainer {ending} before it reported a result")
            case _:
                self._ending.suspect(f"the trainer {ending} before it reported anything")

    @property
    def _fence(self) -> tuple[UUID, int]:
        return self._claim.run.id, self._claim.attempt
