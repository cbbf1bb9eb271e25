"""A worker as a job of a batch system (Slurm, a Kubernetes Job): it looks at the queue itself, and ends.

It hears no bells, so its machine needs the database and the object store, and not the broker.
"""

import logging
import time
from dataclasses import dataclass

from store.runs.attempts import Claim
from worker.claiming import OTHERS_S, Nothing, claim, train
from worker.presence import Presence
from worker.workbench import Workbench

# Between two looks at an empty queue.
LOOK_S = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Ends after one run if `once`, and after `idle_exit_s` seconds without one."""

    once: bool = False
    idle_exit_s: float = 0.0


def work(workbench: Workbench, presence: Presence, batch: Batch) -> int:
    """Trains until nothing waits any longer. Returns the exit code: 1 if this machine can't train, which is logged."""
    idle_since = time.monotonic()
    while not workbench.draining.is_set():
        outcome = claim(workbench, presence) if workbench.fitness.look() else Nothing.waits
        if isinstance(outcome, Claim):
            train(workbench, presence, outcome)
            if batch.once:
                break
            idle_since = time.monotonic()
        elif outcome is Nothing.waits_for_others:
            idle_since = time.monotonic()
            workbench.draining.wait(OTHERS_S)
        elif time.monotonic() - idle_since >= batch.idle_exit_s:
            break
        else:
            workbench.draining.wait(min(LOOK_S, batch.idle_exit_s))
    workbench.draining.set()
    workbench.check.end()
    if trouble := workbench.fitness.trouble:
        log.error("ends, because this machine can't train: %s", trouble)
    return 1 if trouble else 0
