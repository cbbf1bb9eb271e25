"""What this process does with studies by itself while it serves: more seeds, examinations, curves read beforehand."""

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
from studies import examinations, plans, seeds
from studies.models import StudyCreate
from studies.stores import Stores

log = structlog.get_logger()

# The newest studies are those that people open, and no more runs are read than are kept (store/curves/outcomes.py).
STUDIES, RUNS = 20, 1000
# Their curves are some MB.
AT_ONCE = 10


async def watch(stores: Stores) -> None:
    """Without end. Two processes that look at once look at different studies."""
    await _repeated(rehearse, stores)
    # What is loaded by now stays. Each time the collector went through all of it, every request waited for 0.1 s.
    gc.collect()
    gc.freeze()
    while True:
        for look in (examinations.look, seeds.look, read_ended):
            await _repeated(look, stores)
        await asyncio.sleep(stores.settings.study_look_s)


async def _repeated(look: Callable[[Stores], bool], stores: Stores) -> None:
    """As long as it may find more. Whatever it meets, the next look is taken: nobody else would take it."""
    try:
        while await run_to_end(look, stores):
            pass
    except (DBAPIError, ObjectStoreError, StoreError) as error:
        why = str(getattr(error, "orig", error))
        log.warning("cannot look at studies now; tries again", look=look.__module__, error=why)
    except Exception:
        log.exception("a look at studies has failed; tries again", look=look.__module__)


def rehearse(stores: Stores) -> bool:
    """A plan that nobody sees: the first one that is asked for then loads no scipy and compiles no query."""
    body = StudyCreate(recipe="table-6", seeds=3)
    with stores.database.transaction() as session:
        members = plans.reusing(session, plans.expand(session, body, "nobody"))
        plans.told(session, body, members, stores.settings.lease_s)
    return False


def read_ended(stores: Stores) -> bool:
    """Reads what became of some runs, so that no page waits for it: neither the first of a process, nor that of a study
    at which nobody looked while it ran. Whether it may find more."""
    with stores.database.transaction() as session:
        lacking = stores.outcomes.uncached(studies.ended_runs(session, STUDIES, RUNS))
        found = select(Run).where(Run.id.in_(lacking[:AT_ONCE]))
        stores.outcomes.read(session, session.scalars(found).all())
    return len(stores.outcomes.uncached(lacking)) < len(lacking)
