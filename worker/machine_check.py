"""The check of a worker's machine: once per device and version of the trainer, while nothing trains on it.

A device that adds up wrongly, or differently each time, looks as healthy as any other (see worker/fitness.py). It
takes seconds to find out, so that no run waits for it: the check begins once the worker has been idle for a while, and
gives way to a run that comes meanwhile. Only a device that failed its last check takes no run before the next one. See
decisions 71 and 73.
"""

import contextlib
import hashlib
import json
import logging
import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from store import workers
from trainer.acceptance.report import NO_BAR, Measurement, Report
from trainer.box import variables
from trainer.identity import source_digest, versions
from worker.process import box_options

if TYPE_CHECKING:
    from worker.workbench import Workbench

# The shortest form: a few seconds, and what could make a result wrong.
TOPICS = ("arithmetic", "determinism", "graph", "speed")
# A worker whose machine fails one of these takes no runs.
DECIDING = ("arithmetic", "determinism", "graph")
# It takes some ten seconds. On a machine that is busy otherwise, or loads torch from a slow disk, minutes.
LIMIT_S = 600.0
_GIVES_WAY_S, _END_S = 0.2, 5.0

log = logging.getLogger(__name__)


class MachineCheck:
    """`report` is what the check said of this device; None before it, or where there is none."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench
        self._thread: threading.Thread | None = None
        self.report: Report | None = None

    def begin(self) -> None:
        """Work in a thread of its own. Before that, check again what failed the last time."""
        if not self._workbench.settings.check_after_s:
            return
        memory = self._memory()
        if (last := _read(memory)) and _fault(last):
            log.warning("this device failed its last check; it is checked again before it takes a run")
            self._check(memory)
        self._thread = threading.Thread(target=self.work, name="machine-check", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Leave nothing behind. The worker drains, which ends a check."""
        if self._thread:
            self._thread.join(_END_S)

    def work(self) -> None:
        """Show what an earlier start or another slot found out, or check once the worker is idle."""
        memory, bench, has_ended = self._memory(), self._workbench, False
        while not (self._recall(memory) or has_ended or bench.draining.wait(bench.settings.check_after_s)):
            # Of a device's slots, the first one checks.
            if not bench.trains.is_set() and (bench.slot is None or bench.slot.number == 1):
                has_ended = self._check(memory)
        self._show()

    def _recall(self, memory: Path) -> bool:
        """Whether the device has been checked: here, before this start, or by another of its slots."""
        if self.report is None and (report := _read(memory)):
            self._conclude(report)
        return self.report is not None

    def _check(self, memory: Path) -> bool:
        """Returns whether the check ended, rather than gave way to a run or a drain."""
        work = memory.parent
        try:
            work.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=work, prefix=".check-") as folder:
                if not self._run_trainer(Path(folder)):
                    return False
                if report := _read(Path(folder) / "report.json"):
                    self._conclude(report)
                    _remember(report, memory)
                else:
                    log.warning("this machine's check left no report: %s", (Path(folder) / "log").read_text()[-500:])
        except OSError as error:
            log.warning("this machine could not be checked: %s", error)
        return True

    def _run_trainer(self, folder: Path) -> bool:
        """Run `trainer check`. Returns whether it ended by itself."""
        bench = self._workbench
        command = [*bench.trainer, "check", "--short", "--only", ",".join(TOPICS), "--device", bench.device.option]
        command += ["--workdir", str(folder), "--report", str(folder / "report.json"), "--supervised", str(os.getpid())]
        command += ["--threads", str(bench.threads)] if bench.threads else []
        with (folder / "log").open("w") as stderr:
            process = subprocess.Popen(
                [*command, *box_options(bench.settings.box)],
                env=variables.environment(bench.device.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        with process:
            try:
                return self._watch(process)
            finally:  # also if a signal ends this worker
                process.kill()

    def _watch(self, process: "subprocess.Popen[bytes]") -> bool:
        bench, waited_s = self._workbench, 0.0
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 19)
        while process.poll() is None and waited_s < LIMIT_S:
            if bench.trains.wait(_GIVES_WAY_S) or bench.draining.is_set():
                return False
            waited_s += _GIVES_WAY_S
        return True

    def _conclude(self, report: Report) -> None:
        """With a failure that decides, take no runs. A restart checks again."""
        self.report = report
        if wrong := _fault(report):
            self._workbench.fitness.condemn(
                f"This device computes wrongly: {wrong.what}: {wrong.measured}, where the bar is {wrong.bar}."
                " Restart the worker to check it again."
            )

    def _show(self) -> None:
        if self.report is None:
            return
        log.info("this machine's check: %s", self.report.summary())
        try:
            with self._workbench.database.transaction() as session:
                workers.keep_check(session, self._workbench.worker_id, self.report.model_dump(mode="json"))
        except DBAPIError as error:
            log.warning("could not show this machine's check: %s", error.orig)

    def _memory(self) -> Path:
        """Where reports are kept on this machine: a file for each device and version of the trainer."""
        subject = json.dumps([self._workbench.device.name, source_digest(), versions()])
        return self._workbench.settings.work.absolute() / f".check-{hashlib.sha256(subject.encode()).hexdigest()[:16]}"


def _deciding_failures(report: Report) -> list[Measurement]:
    return [m for m in report.measurements if m.verdict == "failed" and m.topic in DECIDING]


def _fault(report: Report) -> Measurement | None:
    """What the device does wrong. A measurement that broke off has no bar: it says nothing about the device."""
    return next((failure for failure in _deciding_failures(report) if failure.bar != NO_BAR), None)


def _remember(report: Report, memory: Path) -> None:
    """For the next start on this machine, unless a measurement broke off."""
    if any(failure.bar == NO_BAR for failure in _deciding_failures(report)):
        return
    with contextlib.suppress(OSError):  # a full disk: the next start checks again
        new = memory.with_suffix(f".{os.getpid()}")
        new.write_text(report.model_dump_json())
        new.replace(memory)


def _read(file: Path) -> Report | None:
    try:
        return Report.model_validate_json(file.read_text())
    except (OSError, ValidationError):
        return None
