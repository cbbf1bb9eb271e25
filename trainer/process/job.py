"""Owns a supervised command: it prints events, stops at SIGTERM, and its last event says how it ended."""

import logging
import os
import sys
from collections.abc import Callable

from trainer.box import limits
from trainer.events import EXIT_FAILED, EXIT_STOPPED, Event, Failed, Stopped
from trainer.failure import as_event
from trainer.process.supervision import Interrupted, Stop, die_with

log = logging.getLogger("trainer")


class Speaker:
    """Owns the real stdout. All other output of the process, including that of C code, goes to stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        os.dup2(2, 1)
        self._is_silent = False

    def be_silent(self) -> None:
        """Print no events: of a run's processes, only one does."""
        self._is_silent = True
        logging.getLogger().setLevel(logging.WARNING)

    def say(self, event: Event) -> None:
        if not self._is_silent:
            self._out.write(event.model_dump_json() + "\n")


def perform(
    work: Callable[[Speaker, Stop], int], supervisor: int | None, last_checkpoint: Callable[[], int] = lambda: 0
) -> int:
    """Do the work and return its exit code. `last_checkpoint` finds the iteration to report after an interrupt."""
    if supervisor:
        die_with(supervisor)
        limits.offer_first()
    speaker = Speaker()
    stop = Stop()
    stop.listen()
    try:
        return work(speaker, stop)
    except Interrupted:
        speaker.say(Stopped(iteration=last_checkpoint()))
        return EXIT_STOPPED
    except Exception as error:  # the edge: any error becomes one event and one log entry
        event = as_event(error)
        reason = event.reason if isinstance(event, Failed) else event.kind
        log.log(logging.ERROR, "%s: %s", reason, event.message, exc_info=reason == "internal")
        speaker.say(event)
        return EXIT_FAILED
