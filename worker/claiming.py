"""What a worker does between two runs: looks whether its machine can train, and claims the next run."""

import logging

from sqlalchemy.exc import DBAPIError

from store.db import failpoints
from store.runs import attempts
from store.runs.attempts import Claim
from worker.presence import Presence
from worker.supervise import supervise
from worker.workbench import Workbench

log = logging.getLogger(__name__)


def serve(workbench: Workbench, presence: Presence) -> None:
    """Trains run after run until none waits, so that a device is never idle while there is work.

    Holds the worker's only slot while its machine is unfit, so that the bells of other runs reach other workers.
    """
    while not workbench.draining.is_set():
        if not workbench.fitness.look():
            rest(workbench, presence)
        elif claimed := claim(workbench, presence):
            train(workbench, claimed)
        else:
            return


def train(workbench: Workbench, claimed: Claim) -> None:
    log.info("attempt %d of run %s", claimed.attempt, claimed.run.id)
    supervise(workbench, claimed)


def rest(workbench: Workbench, presence: Presence) -> None:
    """Takes no runs until this machine can train, and shows why."""
    log.warning("takes no runs: %s", workbench.fitness.trouble)
    presence.wake()
    workbench.fitness.rest(workbench.draining)
    if not workbench.fitness.trouble:
        log.info("this machine can train again")
    presence.wake()


def claim(workbench: Workbench, presence: Presence) -> Claim | None:
    """The run that is first in the queue. None also where the database can't be reached."""
    try:
        with workbench.database.transaction() as session:
            claimed = attempts.claim(session, presence.row(), workbench.settings.lease_s)
    except DBAPIError as error:
        # The bell rings again. If only the answer to our claim was lost, its lease will expire.
        log.warning("could not claim a run: %s", error.orig)
        return None
    failpoints.reach("worker.claimed")
    return claimed
