"""What this process does for studies in the background: adds seeds, requests evaluations, reads curves, tells ends."""

import asyncio
import gc
from collections.abc import Callable

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from store import studies
from store.db.errors import StoreError
from store.db.models import Run
from store.db.threads import run_to_end
from studies import examination_requests, plans, seeds, telling
from studies.models import StudyCreate
from studies.stores import Stores

log = structlog.get_logger()

# People open the newest studies, and no more runs are read than are cached (store/curves/outcomes.py).
STUDIES, RUNS = 20, 1000
# Runs read at once; their curves take a few MB.
AT_ONCE = 10


async def watch(stores: Stores) -> None:
    """Runs forever. Two processes at the same time work on different studies."""
    await _repeat(rehearse, stores)
    # Everything loaded so far stays. Each time the collector went through it, every request waited for 0.1 s.
    gc.collect()
    gc.freeze()
    while True:
        for task in (examination_requests.request_next, seeds.extend_next, read_ended, telling.tell_next):
            await _repeat(task, stores)
        await asyncio.sleep(stores.settings.study_look_s)


async def _repeat(task: Callable[[Stores], bool], stores: Stores) -> None:
    """Repeats a task while it has work. No error ends the loop, because nothing else would do the work."""
    try:
        while await run_to_end(task, stores):
            pass
    except (DBAPIError, ObjectStoreError, StoreError) as error:
        reason = str(getattr(error, "orig", error))
        log.warning("a background task for studies failed; it will be repeated", task=task.__module__, error=reason)
    except Exception:
        log.exception("a background task for studies failed; it will be repeated", task=task.__module__)


def rehearse(stores: Stores) -> bool:
    """Makes a plan that nobody sees, so that the first real one need not load scipy and compile queries."""
    body = StudyCreate(recipe="table-6", seeds=3)
    with stores.database.transaction() as session:
        members = plans.with_reusable_runs(session, plans.expand(session, body, "nobody"))
        plans.study_plan(session, body, members, stores.settings.lease_s)
    return False


def read_ended(stores: Stores) -> bool:
    """Reads the outcomes of some ended runs, so that no page waits for them. Returns whether there may be more.

    They would be read late after a restart, or for a study that nobody opened while it ran.
    """
    with stores.database.transaction() as session:
        lacking = stores.outcomes.uncached(studies.ended_runs(session, STUDIES, RUNS))
        runs = select(Run).where(Run.id.in_(lacking[:AT_ONCE]))
        stores.outcomes.read(session, session.scalars(runs).all())
    return len(stores.outcomes.uncached(lacking)) < len(lacking)
