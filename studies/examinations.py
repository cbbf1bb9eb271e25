"""Examinations of a study's members, asked for once all have trained, by whichever API process is first."""

from contextlib import suppress

import structlog

from paper.recipes import RECIPES
from store import examinations, studies
from store.db.errors import NotFound, StoreError
from store.runs import verbs
from studies import examining as examined
from studies.stores import Stores

log = structlog.get_logger()


def look(stores: Stores) -> bool:
    """Whether there was a study to look at. Each examination is asked for once: an equal one is taken as it is."""
    with stores.database.transaction() as session:
        study = studies.next_to_examine(session, examined.EXAMINING)
        if study is None:
            return False
        wanted = examined.wanted(RECIPES[study.recipe], studies.members(session, study.id))
        for run_id in sorted({run_id for asked in wanted for run_id in asked.runs}):  # one order: no deadlock
            with suppress(NotFound):  # deleted meanwhile
                verbs.lock(session, run_id)
        for asked in wanted:
            try:
                examinations.create(session, asked, study.owner)
            except StoreError as error:  # its weights are gone, for one: the others are examined all the same
                log.warning("cannot examine a member of a study", study=str(study.id), error=str(error))
        studies.mark_examined(session, study)
    return True
