"""What this process does with studies by itself while it serves: more seeds, examinations, curves read beforehand."""

import asyncio
import gc
from collections.abc import Callable

import structlog
from obstore.exceptions import BaseError as ObjectStoreError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from api import study_examinations, study_plans, study_seeds
from api.service import Service
from api.study_schema import StudyCreate
from api.threads import finished
from store import studies
from store.errors import StoreError
from store.models import Run

log = structlog.get_logger()

# What is likely to be looked at: so many of the newest studies, and no more runs than are kept (store/outcomes.py).
STUDIES, RUNS = 20, 1000
# Their curves are some MB.
AT_ONCE = 10


async def watch(service: Service) -> None:
    """Without end. Two processes that look at once look at different studies."""
    await _repeated(rehearse, service)
    # What is loaded by now stays. Each time the collector went through all of it, every request waited for 0.1 s.
    gc.collect()
    gc.freeze()
    while True:
        for look in (study_examinations.look, study_seeds.look, read_ended):
            await _repeated(look, service)
        await asyncio.sleep(service.settings.study_look_s)


async def _repeated(look: Callable[[Service], bool], service: Service) -> None:
    """As long as it may find more. Whatever it meets, the next look is taken: nobody else would take it."""
    try:
        while await finished(look, service):
            pass
    except (DBAPIError, ObjectStoreError, StoreError) as error:
        why = str(getattr(error, "orig", error))
        log.warning("cannot look at studies now; tries again", look=look.__module__, error=why)
    except Exception:
        log.exception("a look at studies has failed; tries again", look=look.__module__)


def rehearse(service: Service) -> bool:
    """A plan that nobody sees: the first one that is asked for then loads no scipy and compiles no query."""
    body = StudyCreate(recipe="table-6", seeds=3)
    with service.database.transaction() as session:
        members = study_plans.reusing(session, study_plans.expand(session, body, "nobody"))
        study_plans.told(session, body, members, service.settings.lease_s)
    return False


def read_ended(service: Service) -> bool:
    """Reads what became of some runs, so that no page waits for it: neither the first of a process, nor that of a study
    at which nobody looked while it ran. Whether it may find more."""
    with service.database.transaction() as session:
        lacking = service.outcomes.lacking(studies.ended_runs(session, STUDIES, RUNS))
        found = select(Run).where(Run.id.in_(lacking[:AT_ONCE]))
        service.outcomes.read(session, session.scalars(found).all())
    return len(service.outcomes.lacking(lacking)) < len(lacking)
