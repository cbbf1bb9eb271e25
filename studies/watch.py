"""What this process does for studies in the background: adds seeds, requests evaluations, reads curves, tells ends."""

import asyncio
from collections.abc import Callable

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from store import history, studies
from store.db.errors import StoreError
from store.db.models import Run
from store.db.threads import run_to_end
from studies import examination_requests, seeds, telling
from studies.stores import Stores

log = structlog.get_logger()

# People open the newest studies, and no more runs are read than are cached (store/curves/outcomes.py).
STUDIES, RUNS = 20, 1000
# Runs read at once; their curves take a few MB.
AT_ONCE = 10


async def watch(stores: Stores) -> None:
    """Runs forever. Two processes at the same time work on different studies."""
    done_at: str | None = None
    while True:
        instant = await _instant(stores)
        if instant is None or instant != done_at:  # while nothing is written, nothing is due
            tasks = (examination_requests.request_next, seeds.extend_next, read_ended, telling.tell_next)
            have_ended = [await _repeat(task, stores) for task in tasks]
            done_at = instant if all(have_ended) else None
        await asyncio.sleep(stores.settings.study_look_s)


async def _instant(stores: Stores) -> str | None:
    """Equal for two looks between which nothing was committed; None if the database doesn't answer."""
    try:
        return await run_to_end(_read_instant, stores)
    except DBAPIError:
        return None  # the tasks will say so


def _read_instant(stores: Stores) -> str:
    with stores.database.glance() as session:
        return history.instant(session)


async def _repeat(task: Callable[[Stores], bool], stores: Stores) -> bool:
    """Repeats a task while it has work, and returns whether it came to an end. No error ends the loop, because nothing
    else would do the work."""
    try:
        while await run_to_end(task, stores):
            pass
    except (DBAPIError, ObjectStoreError, StoreError) as error:
        reason = str(getattr(error, "orig", error))
        log.warning("a background task for studies failed; it will be repeated", task=task.__module__, error=reason)
    except Exception:
        log.exception("a background task for studies failed; it will be repeated", task=task.__module__)
    else:
        return True
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
