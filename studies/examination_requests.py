"""Requests the examinations of a study's members once all have trained. Whichever API process is first does it."""

from contextlib import suppress

import structlog

from store import examinations, studies
from store.db.errors import NotFound, StoreError
from store.runs import verbs
from studies.examinations import EXAMINING, examination_specs
from studies.stores import Stores

log = structlog.get_logger()


def request_next(stores: Stores) -> bool:
    """Requests the examinations of the next study that is due. Returns False if there is none.

    An examination equal to an earlier one is not repeated.
    """
    with stores.database.transaction() as session:
        study = studies.next_to_examine(session, EXAMINING)
        if study is None:
            return False
        specs = examination_specs(study.recipe, studies.members(session, study.id))
        for run_id in sorted({run_id for spec in specs for run_id in spec.runs}):  # in one order: no deadlock
            with suppress(NotFound):  # deleted meanwhile
                verbs.lock(session, run_id)
        for spec in specs:
            try:
                examinations.create(session, spec, study.owner)
            except StoreError as error:  # for example, its weights are gone; the others are examined all the same
                log.warning("cannot examine a member of a study", study=str(study.id), error=str(error))
        studies.mark_examined(session, study)
    return True
