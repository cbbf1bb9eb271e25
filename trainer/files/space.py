"""Owns the wait for disk space: a run keeps its position in memory until its files can be written."""

import logging
from collections.abc import Callable, Iterator

from trainer.events import Saved, Warned
from trainer.failure import describe, is_disk_full
from trainer.process.supervision import Stop

# Between two tries: 1, 2, 4 … s. Each try is logged, so a supervisor knows that the trainer lives.
LONGEST_PAUSE_S = 30.0
log = logging.getLogger(__name__)


def wait_for_space(save: Callable[[], Saved], stop: Stop) -> Iterator[Saved | Warned]:
    """Save a file, again and again while the disk is full. Warns once. Raises OSError if a stop is requested meanwhile,
    and for any other reason than a full disk.
    """
    pause_s = 1.0
    while True:
        try:
            saved = save()
        except OSError as error:
            if not is_disk_full(error) or stop.is_requested:
                raise
            why = f"The disk is full ({describe(error)}). Training goes on until the next file is due, and waits there."
            if pause_s == 1.0:
                yield Warned(message=why)
            log.warning("%s", why)
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            yield saved
            return
