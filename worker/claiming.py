"""What a worker does between two runs: looks whether its machine can train, and claims the next run."""

import logging
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError

from store.db import failpoints
from store.runs import attempts, gangs
from store.runs.attempts import Claim
from worker.machines.mate import assist
from worker.presence import Presence
from worker.supervise import supervise
from worker.workbench import Workbench

# Between two looks while a run needs more machines than are free.
OTHERS_S = 1.0

log = logging.getLogger(__name__)


def serve(workbench: Workbench, presence: Presence) -> None:
    """Trains run after run until none waits, so that a device is never idle while there is work.

    Holds the worker's only slot while its machine is unfit, so that the bells of other runs reach other workers.
    """
    while not workbench.draining.is_set():
        if not workbench.fitness.look():
            rest(workbench, presence)
            continue
        outcome = claim(workbench, presence)
        if isinstance(outcome, Claim):
            train(workbench, presence, outcome)
        elif outcome is Nothing.waits_for_others:
            workbench.draining.wait(OTHERS_S)
        else:
            return


def train(workbench: Workbench, presence: Presence, claimed: Claim) -> None:
    log.info("attempt %d of run %s", claimed.attempt, claimed.run.id)
    workbench.trains.set()
    try:
        if claimed.machine:
            assist(workbench, presence, claimed)
        else:
            supervise(workbench, claimed)
    finally:
        workbench.trains.clear()


def rest(workbench: Workbench, presence: Presence) -> None:
    """Takes no runs until this machine can train, and shows why."""
    log.warning("takes no runs: %s", workbench.fitness.trouble)
    presence.wake()
    workbench.fitness.rest(workbench.draining)
    if not workbench.fitness.trouble:
        log.info("this machine can train again")
    presence.wake()


class Nothing(Enum):
    """Why there is nothing to train now: no run waits, or the first one needs more machines than are free."""

    waits = auto()
    waits_for_others = auto()


def claim(workbench: Workbench, presence: Presence) -> Claim | Nothing:
    """The run that this worker was enlisted for, or the first of the queue. Nothing.waits also without the database."""
    try:
        with workbench.database.transaction() as session:
            claimed = attempts.enlisted(session, workbench.worker_id)
            claimed = claimed or attempts.claim(session, presence.row(), workbench.settings.lease_s)
            is_offered = claimed is None and gangs.is_offered(session, workbench.worker_id)
    except DBAPIError as error:
        # The bell rings again. If only the answer to our claim was lost, its lease will expire.
        log.warning("could not claim a run: %s", error.orig)
        return Nothing.waits
    failpoints.reach("worker.claimed")
    return claimed or (Nothing.waits_for_others if is_offered else Nothing.waits)
