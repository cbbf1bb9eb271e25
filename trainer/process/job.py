"""Owns a command that a supervisor watches: events on stdout, stopped by SIGTERM, and its end one of them."""

import logging
import os
import sys
from collections.abc import Callable

from trainer.events import EXIT_FAILED, EXIT_STOPPED, Event, Stopped
from trainer.failure import as_event
from trainer.process.supervision import Interrupted, Stop, die_with

log = logging.getLogger("trainer")


class Speaker:
    """Owns the real stdout. Whatever else in the process prints, C code included, lands on stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        os.dup2(2, 1)
        self._is_silent = False

    def be_silent(self) -> None:
        """Of the processes of one run, one speaks."""
        self._is_silent = True
        logging.getLogger().setLevel(logging.WARNING)

    def say(self, event: Event) -> None:
        if not self._is_silent:
            self._out.write(event.model_dump_json() + "\n")


def perform(work: Callable[[Speaker, Stop], int], supervisor: int | None, saved: Callable[[], int] = lambda: 0) -> int:
    """The exit code of `work`; `saved` is the iteration of its last checkpoint, should it be interrupted."""
    if supervisor:
        die_with(supervisor)
    speaker = Speaker()
    stop = Stop()
    stop.listen()
    try:
        return work(speaker, stop)
    except Interrupted:
        speaker.say(Stopped(iteration=saved()))
        return EXIT_STOPPED
    except Exception as error:  # the edge: whatever it was, it becomes one event and one log entry
        failed = as_event(error)
        log.log(logging.ERROR, "%s: %s", failed.reason, failed.message, exc_info=failed.reason == "internal")
        speaker.say(failed)
        return EXIT_FAILED
