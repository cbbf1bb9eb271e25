"""Examinations of a study's members, asked for once all have trained, by whichever API process is first."""

from contextlib import suppress

import structlog

from api import examined
from api.service import Service
from paper.recipes import RECIPES
from store import examinations, runs, studies
from store.errors import NotFound, StoreError

log = structlog.get_logger()


def look(service: Service) -> bool:
    """Whether there was a study to look at. Each examination is asked for once: an equal one is taken as it is."""
    with service.database.transaction() as session:
        study = studies.trained(session, examined.EXAMINING)
        if study is None:
            return False
        wanted = examined.wanted(RECIPES[study.recipe], studies.members(session, study.id))
        for run_id in sorted({run_id for asked in wanted for run_id in asked.runs}):  # one order: no deadlock
            with suppress(NotFound):  # deleted meanwhile
                runs.locked(session, run_id)
        for asked in wanted:
            try:
                examinations.create(session, asked, study.owner)
            except StoreError as error:  # its weights are gone, for one: the others are examined all the same
                log.warning("cannot examine a member of a study", study=str(study.id), error=str(error))
        studies.examined(session, study)
    return True
