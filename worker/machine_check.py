"""The check of a worker's machine: once per device and version of the trainer, while nothing trains on it.

A device that adds up wrongly, or differently each time, looks as healthy as any other (see worker/fitness.py). It
takes seconds to find out, so that no run waits for it: the check begins once the worker has been idle for a while, and
gives way to a run that comes meanwhile. See docs/decisions/0071-a-machine-is-checked-once-while-it-is-idle.md.
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
from trainer.acceptance.report import NO_BAR, Report
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
_GIVES_WAY_S = 0.2

log = logging.getLogger(__name__)


class MachineCheck:
    """`report` is what the check said of this device; None before it, or where there is none."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench
        self.report: Report | None = None

    def begin(self) -> None:
        """Work in a thread of its own."""
        if self._workbench.settings.check_after_s:
            threading.Thread(target=self.work, name="machine-check", daemon=True).start()

    def work(self) -> None:
        """Show what an earlier start found out, or check once the worker is idle."""
        memory, bench = self._memory(), self._workbench
        self.report, has_ended = _read(memory), False
        while not (self.report or has_ended or bench.draining.wait(bench.settings.check_after_s)):
            if not bench.trains.is_set():
                has_ended = self._check(memory)
        self._show()

    def _check(self, memory: Path) -> bool:
        """Returns whether the check ended, rather than gave way to a run or a drain."""
        work = memory.parent
        try:
            work.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=work, prefix=".check-") as folder:
                if not self._run_trainer(Path(folder)):
                    return False
                self.report = _read(Path(folder) / "report.json")
                if self.report is None:
                    log.warning("this machine's check left no report: %s", (Path(folder) / "log").read_text()[-500:])
        except OSError as error:
            log.warning("this machine could not be checked: %s", error)
        if self.report:
            self._conclude(self.report, memory)
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
        with process, contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 19)
            waited_s = 0.0
            while process.poll() is None and waited_s < LIMIT_S:
                if bench.trains.wait(_GIVES_WAY_S) or bench.draining.is_set():
                    process.kill()
                    return False
                waited_s += _GIVES_WAY_S
            process.kill()
        return True

    def _conclude(self, report: Report, memory: Path) -> None:
        """Remember a report without a failure that decides; with one, take no runs. A restart checks again.

        A measurement that broke off has no bar: it says nothing about the device.
        """
        failed = [m for m in report.measurements if m.verdict == "failed" and m.topic in DECIDING]
        for wrong in [measurement for measurement in failed if measurement.bar != NO_BAR][:1]:
            self._workbench.fitness.condemn(
                f"This device computes wrongly: {wrong.what}: {wrong.measured}, where the bar is {wrong.bar}."
                " Restart the worker to check it again."
            )
        if failed:
            return
        with contextlib.suppress(OSError):  # a full disk: the next start checks again
            new = memory.with_suffix(f".{os.getpid()}")
            new.write_text(report.model_dump_json())
            new.replace(memory)

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


def _read(file: Path) -> Report | None:
    try:
        return Report.model_validate_json(file.read_text())
    except (OSError, ValidationError):
        return None
