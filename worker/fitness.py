"""Whether this machine can train: looked at before each claim, and after a failure that may be the machine's.

A run must not pay for a full disk, a GPU that doesn't open or a library that is missing: its worker takes no runs, says
why, and looks again after a pause that grows.
"""

import json
import logging
import os
import subprocess
import tempfile
import threading
from contextlib import suppress

import psutil
import pynvml

from store.db import space
from store.db.settings import Settings
from trainer.box import variables
from worker.device import Device
from worker.process import box_options

# Between two checks of an unfit machine: 5, 10, 20 … s.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
# Loading torch takes seconds, and a minute on a machine with a slow disk.
_TRIAL_S = 180.0
_LAST_WORDS = 300

log = logging.getLogger(__name__)


class Fitness:
    """`trouble` says in a sentence why this machine can't train; None while it can."""

    def __init__(self, settings: Settings, device: Device, trainer: tuple[str, ...]) -> None:
        self._settings, self._device, self._trainer = settings, device, trainer
        self._shortage: str | None = None  # what a look showed, a moment ago
        self._defect: str | None = None  # what the last trial showed, until the next one
        self._verdict: str | None = None  # what the machine's check showed, until the worker starts again
        self._pause_s = FIRST_PAUSE_S

    @property
    def trouble(self) -> str | None:
        return self._verdict or self._defect or self._shortage

    def condemn(self, sentence: str) -> None:
        """Take no more runs, because of what `sentence` says of this machine."""
        self._verdict = sentence

    def look(self) -> bool:
        """Checks space, memory and the GPU's driver, in milliseconds. Whether this machine can train."""
        self._shortage = _shortage(self._settings) or (_silent_driver() if self._device.queue == "gpu" else None)
        return self.trouble is None

    def examine(self) -> bool:
        """Also tries what a trainer needs, in a process of its own: seconds. Whether this machine can train."""
        self.look()
        if not self._shortage:
            self._defect = self._try_trainer()
        return self.trouble is None

    def rest(self, ended: threading.Event) -> None:
        """Returns once this machine can train again, or `ended` is set."""
        while self.trouble and not ended.wait(self._pause_s):
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            if not self.examine():
                log.warning("takes no runs; checks again in %.0f s: %s", self._pause_s, self.trouble)

    def trust(self) -> None:
        """After a run that went well: the next rest begins with a short pause again."""
        self._pause_s = FIRST_PAUSE_S

    def _try_trainer(self) -> str | None:
        """What is wrong with this machine according to `trainer trial`."""
        try:
            # A folder of its own, as each run has.
            with tempfile.TemporaryDirectory(dir=self._settings.work.absolute(), prefix=".trial-") as folder:
                trial = self._run_trial(folder)
        except subprocess.TimeoutExpired:
            return f"A trial of the trainer did not end within {_TRIAL_S:.0f} s."
        except OSError as error:
            return f"The trainer can't be started: {error.strerror}."
        if trial.returncode == 0:
            return None
        return _message(trial.stdout) or f"A trial of the trainer ended with code {trial.returncode}: " + (
            trial.stderr.strip()[-_LAST_WORDS:] or "it said nothing"
        )

    def _run_trial(self, folder: str) -> "subprocess.CompletedProcess[str]":
        command = [*self._trainer, "trial", "--workdir", folder, "--device", self._device.option]
        return subprocess.run(
            [*command, "--supervised", str(os.getpid()), *box_options(self._settings.box)],
            env=variables.environment(self._device.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TRIAL_S,
            check=False,
        )


def _message(stdout: str) -> str | None:
    """The message of the trial's last event."""
    with suppress(ValueError, IndexError, KeyError, TypeError):
        return str(json.loads(stdout.splitlines()[-1])["message"])
    return None


def _shortage(settings: Settings) -> str | None:
    work, data = settings.work.absolute(), settings.data.absolute()
    # Data sets may lie on a disk that this worker only reads.
    for folder in (work, data) if os.access(data, os.W_OK) else (work,):
        if lack := space.shortage(folder, settings.free_disk_bytes):
            return lack
    free_bytes = psutil.virtual_memory().available
    return space.too_little("This machine's memory has", free_bytes, settings.free_memory_bytes)


def _silent_driver() -> str | None:
    """Asks NVML. Where there is no NVML, only a trial tells whether the GPU works."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:
        return None
    except pynvml.NVMLError as error:
        return f"The GPU's driver doesn't answer: {error}."
    with suppress(pynvml.NVMLError):
        count = pynvml.nvmlDeviceGetCount()
        pynvml.nvmlShutdown()
        return None if count else "The GPU's driver sees no GPU any more."
    return "The GPU's driver doesn't answer any more."
