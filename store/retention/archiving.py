"""The archiving of what the rules say, run by run: lists leave these runs out, and nothing of them is deleted."""

import logging

from sqlalchemy import func

from store import history
from store.db.database import Database
from store.retention import rules
from store.runs import verbs
from store.runs.states import EventKind

# A round archives this many runs at most; the next one, an hour later, goes on.
AT_ONCE = 1000
log = logging.getLogger(__name__)


def apply(database: Database) -> int:
    """Archives the runs that a rule says are old enough. Returns their number. Raises DBAPIError."""
    with database.transaction() as session:
        old = [run.id for rule in rules.list_all(session) for run in rules.to_archive(session, rule, AT_ONCE)]
    for run_id in old:
        with database.transaction() as session:
            run = verbs.lock(session, run_id)
            run.archived_at = func.now()
            message = f"archived by the retention rule of {run.project}"
            history.record(session, run, EventKind.changed, archived=True, message=message)
    if old:
        log.info("archived %d runs by retention rules", len(old))
    return len(old)
